/// What a material does when something is done to it: one of two things.
struct MaterialProperty: Sendable {
  let relation: Relation
  let values: [String]

  static let all = [
    MaterialProperty(relation: .water, values: ["floats", "sinks"]),
    MaterialProperty(relation: .fire, values: ["burns", "resists"]),
    MaterialProperty(relation: .heat, values: ["holds", "passes"]),
    MaterialProperty(relation: .force, values: ["bends", "breaks"]),
    MaterialProperty(relation: .rain, values: ["sheds", "soaks"]),
    MaterialProperty(relation: .current, values: ["carries", "stops"]),
  ]

  static func of(_ relation: Relation) -> MaterialProperty? { all.first { $0.relation == relation } }
}
