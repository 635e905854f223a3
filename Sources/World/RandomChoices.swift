import Tensors

extension RandomStream {
  /// One of the elements, every one equally likely.
  mutating func element<Element>(of elements: [Element]) -> Element {
    precondition(!elements.isEmpty, "a choice from nothing")
    return elements[nextInteger(below: elements.count)]
  }

  /// An integer of the range, every one equally likely.
  mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + nextInteger(below: range.count)
  }

  /// True in so many of a hundred cases.
  mutating func chance(percent: Int) -> Bool { nextInteger(below: 100) < percent }

  mutating func shuffled<Element>(_ elements: [Element]) -> [Element] {
    nextPermutation(of: elements.count).map { elements[$0] }
  }

  /// So many different elements in random order, or all where there are fewer.
  mutating func sample<Element>(_ count: Int, of elements: [Element]) -> [Element] {
    Array(shuffled(elements).prefix(count))
  }

  /// An index, as often as its weight says.
  mutating func index(weights: [Int]) -> Int {
    var rest = nextInteger(below: weights.reduce(0, +))
    for (index, weight) in weights.enumerated() {
      if rest < weight { return index }
      rest -= weight
    }
    preconditionFailure("the weights sum to more than they sum to")
  }
}
