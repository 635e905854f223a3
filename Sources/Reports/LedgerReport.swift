import Comparison
import Foundation
import Results

/// A suite's flip ledger in words and as lists of numbers.
package struct LedgerReport {
  private let ledger: SuiteLedger

  package init(_ ledger: SuiteLedger) { self.ledger = ledger }

  /// "Displaced, at least in part", by what prompts do; by all methods where a suite has no prompts. As long as a cell
  /// of theirs has no usable result, only that.
  package var headline: String {
    guard let answer else { return "Not measured by this suite" }
    switch verdict(of: answer) {
    case .notMeasured: return "Not measured yet: \(Self.waiting(for: ledger.problems(of: answer.family)))"
    case .supported: return "Displaced, at least in part"
    case .contradicted: return "Forgotten, as far as this suite can tell"
    default: return "Undecided at this number of documents"
    }
  }

  /// The group that the headline speaks of.
  var answer: SuiteLedger.Group? {
    let answers = ledger.answers()
    return answers.first { $0.family == .prompts } ?? answers.first
  }

  /// That of the numbers that there are only where no cell is missing, as the claim has it: another cell may turn it.
  func verdict(of group: SuiteLedger.Group) -> ClaimVerdict {
    ledger.problems(of: group.family).isEmpty ? group.displacement.verdict : .notMeasured
  }

  /// What decides, or what is missing before anything can.
  func reason(of group: SuiteLedger.Group) -> String {
    let problems = ledger.problems(of: group.family)
    guard let first = problems.first else { return group.displacement.reason }
    return "\(Self.waiting(for: problems)), \(problems.count == 1 ? "as" : "the first because") \(first)"
  }

  private static func waiting(for problems: [String]) -> String {
    "the verdict waits for \(problems.count == 1 ? "1 cell" : "\(problems.count) cells") without a usable result"
  }

  /// The numbers behind the headline, a sentence each.
  package var sentences: [String] {
    let answers = ledger.answers()
    guard !answers.isEmpty else {
      return ["What is missing: \(ledger.problems.first ?? "a compressed model that is recovered")."]
    }
    var sentences = answers.map(sentence)
    if let difference = ledger.promptsLessLoRA() {
      sentences.append(
        "Of the same lost documents, prompts less LoRA: \(Self.points(difference)): \(side(of: difference)).")
    }
    if let share = answer?.displacement.broughtBack, let answer {
      sentences.append(
        "Of the \(decimal(100 * (1 - share.value), 1)) % that \(answer.family.rawValue) do not bring back this measurement "
          + "cannot tell whether they are forgotten, or displaced beyond the reach of these methods.")
    }
    return sentences
  }

  /// Which of the two brings back more.
  private func side(of promptsLessLoRA: Displacement.Share) -> String {
    let isComplete = [.prompts, .lora].allSatisfy { ledger.problems(of: $0).isEmpty }
    guard isComplete else { return "which of the two brings back more waits for the cells that are missing" }
    if promptsLessLoRA.low > 0 { return "prompts bring back more than LoRA" }
    if promptsLessLoRA.high < 0 { return "LoRA brings back more than prompts" }
    return "which of the two brings back more is undecided"
  }

  private func sentence(_ group: SuiteLedger.Group) -> String {
    let displacement = group.displacement
    guard let back = displacement.broughtBack else { return "\(group.family.title): \(reason(of: group))." }
    var text =
      "\(group.family.title) bring back \(Self.share(back)) of what compression lost "
      + "(\(grouped(back.clusters)) \(ledger.clusterName)\(back.clusters == 1 ? "" : "s"), \(grouped(back.trials)) trials). "
    if let undone = displacement.undone, let learned = displacement.learned, let displaced = displacement.displaced {
      text +=
        "Without what chance moves, \(decimal(100 * undone, 1)) % of the damage is undone; of documents like these that "
        + "were never right \(Self.share(learned)) are learned. Displaced: \(Self.points(displaced)) of the damage. "
    }
    return text + "“Displaced” is \(ClaimsReport.label(verdict(of: group))): \(reason(of: group))."
  }

  static func share(_ share: ClusteredShare, unit: String = " %") -> String {
    let interval = share.interval(confidence: Displacement.confidence)
    return
      "\(decimal(100 * share.value, 1))\(unit) [\(decimal(100 * interval.low, 1)), \(decimal(100 * interval.high, 1))]"
  }

  static func points(_ share: Displacement.Share, unit: String = " points") -> String {
    "\(signed(100 * share.value, 1))\(unit) [\(signed(100 * share.low, 1)), \(signed(100 * share.high, 1))]"
  }

  /// How the answer is found, for whoever doubts it.
  static let method = [
    "Lost: right before compression, wrong after it. Brought back: of the lost, right again after the recovery.",
    "Chance: documents on the edge fall to either side. Compression loses by chance as many as it gains (wrong before, "
      + "right after). So the damage is the lost less the gained, and undone of it are the brought back less those of the "
      + "gained that the recovery loses again.",
    "Learned, the control: of the documents wrong both before compression and after it, those that the recovery gets right. "
      + "A recovery that merely teaches the corpus, or the form of the tasks, gets as many of these right. Each model, "
      + "compression and task counts as much as it lost, since one of two choices is guessed more often than a free answer.",
    "Displaced: what is undone of the damage, less what is learned, in points. Supported where its interval lies above "
      + "zero, contradicted where it lies below \(decimal(100 * Displacement.negligibleShare, 0)), and undecidable "
      + "otherwise, or with fewer than \(Displacement.fewestDocuments) lost documents.",
    "Intervals are of 95 %. A document counts at most once, however many cells ask it: trials of the same document, or of "
      + "documents that ask for the same fact where that is known, are one cluster. Each interval is for itself, not for "
      + "all of them together.",
  ]

  /// Every cell, over all tasks, by domain and by task.
  package func tsv() -> String {
    let heading = [
      "model", "compression", "recovery", "scope", "documents", "right before", "lost", "brought back", "share", "low",
      "high", "never right", "learned", "gained", "lost again", "kept", "broken", "undone", "learned alike",
      "displaced", "low", "high", "verdict",
    ]
    var rows = [heading]
    for entry in ledger.entries {
      let cell = [entry.cell.model, entry.cell.compression, entry.cell.recovery]
      rows.append(cell + Self.fields("all", ledger.displacement(of: entry)))
      let tasks = entry.tasks.map { PublishedAverage(name: $0.name, tasks: [$0.name]) }
      for part in ledger.domains + tasks {
        rows.append(cell + Self.fields(part.name, ledger.displacement(of: entry, in: part)))
      }
    }
    return Self.lines(rows)
  }

  /// Every fact that was asked for, with how often it was stated, over all cells; nil where that is not known.
  package func factsTSV() -> String? {
    let fates = ledger.factFates()
    guard !fates.isEmpty else { return nil }
    let heading = [
      "fact", "stated", "trials", "right before", "lost", "brought back", "never right", "learned", "gained",
      "lost again",
    ]
    return Self.lines(
      [heading]
        + fates.map { fate in
          let ledger = fate.ledger
          let counts = [
            fate.exposures, ledger.documents, ledger.rightBefore, ledger.lost, ledger.broughtBack, ledger.neverRight,
            ledger.learned, ledger.gained, ledger.gainedAndLost,
          ]
          return [plotText(fate.fact)] + counts.map(String.init)
        })
  }

  private static func fields(_ scope: String, _ displacement: Displacement) -> [String] {
    let ledger = displacement.ledger
    let share = displacement.broughtBack.map { share in
      let interval = share.interval(confidence: Displacement.confidence)
      return [share.value, interval.low, interval.high].map(plotNumber)
    }
    let before = [ledger.documents, ledger.rightBefore, ledger.lost, ledger.broughtBack].map(String.init)
    let after = [
      ledger.neverRight, ledger.learned, ledger.gained, ledger.gainedAndLost, ledger.kept, ledger.broken,
    ].map(String.init)
    return [plotText(scope)] + before + (share ?? ["", "", ""]) + after
      + [displacement.undone, displacement.learned?.value].map { $0.map(plotNumber) ?? "" }
      + (displacement.displaced.map { [$0.value, $0.low, $0.high].map(plotNumber) } ?? ["", "", ""])
      + [displacement.verdict.rawValue]
  }

  private static func lines(_ rows: [[String]]) -> String { rows.map { $0.joined(separator: "\t") + "\n" }.joined() }
}

extension SuiteLedger.Family {
  /// At the beginning of a sentence.
  var title: String {
    switch self {
    case .all: "All methods together"
    case .prompts: "Prompts"
    case .prefixes: "Prefixes"
    case .lora: "LoRA adapters"
    }
  }
}
