import ArgumentParser
import Artifacts
import Comparison
import Compression
import Evaluation
import Experiments
import Foundation
import Models
import Recovery
import Results
import Training

/// An error in words, and the status with which the program ends for it.
struct ErrorText {
  let text: String
  let status: Int32

  init(_ error: any Error) {
    (text, status) = Self.textAndStatus(of: error)
  }

  private static func textAndStatus(of error: any Error) -> (String, Int32) {
    switch error {
    case let error as SuiteError: (describe(error), 64)
    case let error as SourceError: (describe(error), 69)
    case let error as ArtifactError: (describe(error), error.isOfTheStore ? 3 : 69)
    case let error as TermsNotAccepted: (error.text, 64)
    case let error as UnknownArtifact:
      ("no \(error.kind) “\(error.name)”; \(hint(error.nearest, error.known))", 64)
    case let error as CheckpointError: (describe(error), 3)
    case let error as PositionError:
      ("a prompt and the text behind it take \(error.needed) positions; the model has a table of \(error.available)", 3)
    case let error as PromptSelection.Conflict: (describe(error), 64)
    case let error as TaskError: (describe(error), 3)
    case let error as ScoringError: (describe(error), 3)
    case let error as CompressionError: (describe(error), 3)
    case let error as SettingsError: (describe(error), 64)
    case let error as FileReadingError: ("\(error.file): cannot be read: \(error.reason)", 3)
    case let error as CalibrationError: (describe(error), 3)
    case let error as TrainingError: (describe(error), 3)
    case let error as AdapterTrainingError: (describe(error), 3)
    case let error as ResultError: (error.text, 3)
    case let error as AcceptanceError: (describe(error), 3)
    case let error as RequestError: (describe(error), 3)
    case let error as RequestLineError: ("\(error.place): \(describe(error.reason))", 3)
    case let error as AdapterError: (describe(error), 3)
    case let error as TaskFileError: (describe(error), 69)
    case let error as JournalError: (describe(error), 3)
    case PerplexityError.noPrefixToken: ("the tokenizer has no token to stand before a document", 3)
    case PerplexityError.tooShort(let file, let tokens, let needed):
      ("\(file): the text has \(tokens) tokens, and \(needed) are needed", 3)
    case ModelSimilarity.Mismatch.otherShape(let one, let other):
      (
        "the models differ in shape: \(one.blockCount) blocks, \(one.headCount) heads, width \(one.width), "
          + "\(one.vocabularySize) tokens; \(other.blockCount), \(other.headCount), \(other.width), \(other.vocabularySize)",
        3
      )
    case ModelSimilarity.Mismatch.notANumber(let block):
      ("behind block \(block) a model has numbers that are none", 3)
    case SimilarityTexts.Problem.tooFewTexts(let file, let found, let needed, let length):
      ("\(file): \(found) texts have \(length) tokens, and \(needed) are needed", 3)
    case StageError.unwritable(let folder, let reason):
      ("\(folder): the stage cannot be stored: \(reason). Is the disk full, or the folder another user's?", 3)
    default: ("\(error)", 3)
    }
  }
}

/// Runs a command; what it throws becomes a message on standard error and the designed exit status.
func reportingErrors(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let error as ExitCode {
    throw error
  } catch let error as ValidationError {
    throw error
  } catch {
    let described = ErrorText(error)
    standardError("recollect: \(described.text)")
    throw ExitCode(described.status)
  }
}

private func hint(_ nearest: String?, _ known: [String]) -> String {
  nearest.map { "did you mean “\($0)”?" } ?? "known are: \(known.joined(separator: ", "))"
}

// MARK: Acquisition

extension ArtifactError {
  /// Whether it is the cache's own trouble, not that of a source.
  fileprivate var isOfTheStore: Bool {
    switch self {
    case .unwritable, .notEnoughSpace, .unreadable: true
    case .unreachable, .otherDigest, .otherSize, .invalidArchive, .refusedEntry, .missingMember, .unknownDigest,
      .invalidText, .stopped:
      false
    }
  }
}

private func describe(_ error: ArtifactError) -> String {
  switch error {
  case .unreachable(let file, let attempts) where attempts.isEmpty:
    return "\(file) is not in the store, and without the network there is nowhere to get it from"
  case .unreachable(let file, let attempts):
    let tried = attempts.map { "\n  \($0.source): \($0.reason)" }.joined()
    return "\(file) could not be had:\(tried)"
  case .otherDigest(let file, let source, let expected, let found):
    return """
      \(file) from \(source) is another file than is known by this name: SHA-256 \(found), expected \(expected). \
      If the publisher replaced it, decide which one is meant, and say so in the manifest or its record.
      """
  case .otherSize(let file, let source, let expected, let found):
    return "\(file) from \(source) has \(found) bytes, expected \(expected)"
  case .unreadable(let file, let reason): return "\(file) cannot be read: \(reason)"
  case .unwritable(let file, let reason):
    return "\(file) cannot be written: \(reason). What has arrived is kept: make room, or name another --store."
  case .notEnoughSpace(let folder, let needed, let free):
    return """
      \(folder): \(bytes(needed)) are needed, \(bytes(free)) are free. Make room (recollect cache gc), or name another \
      folder with --store or RECOLLECT_CACHE.
      """
  case .invalidArchive(let file, let entry, let reason):
    return "\(file)\(entry.map { ", at “\($0)”" } ?? ""): a damaged archive: \(reason)"
  case .refusedEntry(let file, let entry, let reason):
    return "\(file): the entry “\(entry)” is refused: \(reason). Nothing of it was kept."
  case .missingMember(let file, let member): return "\(file) has no entry “\(member)”"
  case .unknownDigest(let file):
    return "\(file): its SHA-256 is not known, and with --locked only known files are taken"
  case .invalidText(let file, let line, let reason): return "\(file), line \(line): \(reason)"
  case .stopped(let file): return "\(file): stopped"
  }
}

// MARK: Suites and sources

private func describe(_ error: SuiteError) -> String {
  let place = error.line > 0 ? "\(error.file):\(error.line)" : error.file
  let problem =
    switch error.problem {
    case .unreadable(let reason): "cannot be read: \(reason)"
    case .syntax(let reason): "is no YAML: \(reason)"
    case .unknownKey(let key, let subject, let nearest, let known):
      "unknown key “\(key)” in the \(subject); \(hint(nearest, known))"
    case .duplicateKey(let key): "the key “\(key)” is given twice"
    case .missingKey(let key, let subject): "the \(subject) lacks the key “\(key)”"
    case .wrongKind(let key, let expected, let found): "“\(key)” should be \(expected), found \(found)"
    case .outOfRange(let key, let expected, let found): "“\(key)” should be \(expected), found \(found)"
    case .unknownValue(let key, let found, let nearest, let known):
      "“\(found)” is no possible \(key); \(hint(nearest, known))"
    case .duplicateName(let name, let line): "the name “\(name)” is taken already, in line \(line)"
    case .unknownPrompt(let prompt, let recovery, let nearest, let known):
      "“\(recovery)” chooses among “\(prompt)”, which is no prompt of this suite; \(hint(nearest, known))"
    }
  return "\(place): \(problem)"
}

private func describe(_ error: SourceError) -> String {
  switch error {
  case .noDataFolder(let folder, let suite):
    "\(folder): this folder, which holds the checkpoint and data of the suite \(suite), is not there. Name the folder that has them with --data."
  case .absent(let file, let use): "\(file): the file, needed for \(use), is not there"
  case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
  case .otherDigest(let file, let use, let expected, let found):
    "\(file): not the file that the suite names for \(use): its SHA-256 is \(found), expected \(expected)"
  case .unlisted(let file, let model):
    "\(file): a run would read this file, and the suite gives no SHA-256 for it: add it to those of the model \(model)"
  }
}

// MARK: Files

private func describe(_ error: CheckpointError) -> String {
  switch error {
  case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
  case .malformedJSON(let file, let line, let column, let reason): "\(file):\(line):\(column): no valid JSON: \(reason)"
  case .invalidMember(let file, let member, let expected, let found):
    "\(file): “\(member)” should be \(expected), found \(found)"
  case .unsupportedArchitecture(let file, let found, let supported):
    "\(file): the architecture “\(found)” is not supported; supported: \(supported.joined(separator: ", "))"
  case .invalidHeader(let file, let reason): "\(file): no valid safetensors file: \(reason)"
  case .invalidArchive(let file, let reason): "\(file): no valid PyTorch file: \(reason)"
  case .refusedPickle(let file, let position, let reason): "\(file): data.pkl, byte \(position): \(reason)"
  case .missingTensor(let name, let file): "\(file): the tensor “\(name)” is missing"
  case .unexpectedShape(let tensor, let file, let expected, let found):
    "\(file): the tensor “\(tensor)” has shape \(found), expected \(expected)"
  case .unexpectedTensor(let name, let file): "\(file): the tensor “\(name)” has no place in this architecture"
  case .unsupportedType(let tensor, let file, let found):
    "\(file): the tensor “\(tensor)” is stored as \(found), which cannot be read"
  case .notFinite(let tensor, let file, let index): "\(file): the tensor “\(tensor)” is not finite at element \(index)"
  case .unexpectedElement(let tensor, let file, let index, let expected, let found):
    "\(file): the tensor “\(tensor)” has \(found) at element \(index), expected \(expected)"
  case .noWeights(let folder, let expected): "\(folder): no weights; expected \(expected.joined(separator: " or "))"
  case .tensorStoredElsewhere(let name, let file, let index):
    "\(file): holds the tensor “\(name)”, which \(index) places in another file"
  case .overflow(let tensor, let file, let index, let type):
    "\(file): cannot be written: element \(index) of the tensor “\(tensor)” is too large for \(type)"
  case .unwritable(let file, let reason): "\(file): cannot be written: \(reason)"
  case .tokenizer(let file, let place, let reason): "\(file): \(place): \(reason)"
  }
}

private func describe(_ error: AdapterError) -> String {
  switch error {
  case .malformed(let error): describe(error)
  case .unwritable(let folder, let reason): "\(folder): the adapter cannot be written: \(reason)"
  case .unsupported(let file, let kind, let supported):
    "\(file): an adapter of the kind “\(kind)” cannot be read; supported: \(supported.joined(separator: ", "))"
  case .cannotCombine(let kinds):
    "\(kinds.joined(separator: " and ")) have no meaning together: name one LoRA, or one prompt or several"
  }
}

private func describe(_ error: PromptSelection.Conflict) -> String {
  switch error {
  case .supportWithoutJointWeights: "only joint weights of prompts can do without the input's keys"
  case .tokensInSecondPass: "tokens that choose for themselves cannot do so by a first pass"
  case .noSuchBlock(let block, let blockCount):
    "block \(block) is to choose among the prompts; the model has \(blockCount), from 0 on"
  }
}

private func describe(_ error: TaskError) -> String {
  switch error {
  case .unreadable(let file, let reason): "\(file): cannot be read: \(reason)"
  case .noDocuments(let file): "\(file): the file has no documents"
  case .blankLine(let file, let line): "\(file):\(line): a blank line where a document should stand"
  case .invalidUTF8(let file, let line): "\(file):\(line): no valid UTF-8"
  case .malformedJSON(let file, let line, let column, let reason): "\(file):\(line):\(column): no valid JSON: \(reason)"
  case .unexpectedLayout(let file, let expected, let found): "\(file): expected \(expected), found \(found)"
  case .invalidMember(let place, let member, let expected, let found):
    "\(describe(place)): “\(member)” should be \(expected), found \(found)"
  case .answerMatchesNoChoice(let place, let answer, let count):
    "\(describe(place)): the answer “\(answer)” is none of the \(count) choices"
  case .labelFileMissing(let task): "\(task): the task needs a label file beside its documents"
  case .labelFileUnused(let task, let file): "\(file): the task \(task) has no use for a label file"
  case .invalidLabel(let file, let line, let expected, let found):
    "\(file):\(line): the label should be \(expected), found \(found)"
  case .unequalCounts(let documents, let file, let labels, let labelFile):
    "\(labelFile): \(labels) labels for the \(documents) documents of \(file)"
  }
}

private func describe(_ error: TaskFileError) -> String {
  switch error {
  case .noFolder(let folder): return "\(folder): this folder, given by --data, is not there"
  case .absent(let task, let names, let searched, let artifact):
    let places = searched.isEmpty ? "" : " in \(searched.joined(separator: " and "))"
    guard let artifact else {
      return """
        no file of this edition of \(task) is known\(places): its validation split is made of qa/web-dev.json and \
        qa/wikipedia-dev.json (recollect fetch triviaqa-rc). Join them, and name the file with --file \(task)=PATH.
        """
    }
    return """
      the files of \(task) (\(names.joined(separator: " or "))) are not there\(places): get them with \
      “recollect fetch \(artifact)”, or name them with --file \(task)=PATH.
      """
  case .ambiguous(let task, let files):
    return
      "several files could be those of \(task): \(files.joined(separator: ", ")). Name one with --file \(task)=PATH."
  }
}

private func describe(_ error: JournalError) -> String {
  switch error {
  case .unreadable(let file, let reason): "\(file): the journal cannot be read: \(reason)"
  case .unwritable(let file, let reason): "\(file): the journal cannot be written: \(reason)"
  case .notAJournal(let file): "\(file): is no journal of recollect; name another file with --journal"
  case .otherQuestion(let file):
    """
    \(file): the journal is that of another question: another model, adapter, benchmark, setting or program. Give the \
    command that was interrupted, or remove the file, or name another one with --journal.
    """
  case .inUse(let file): "\(file): another process is writing this journal"
  }
}

private func describe(_ place: RecordPlace) -> String {
  switch place.position {
  case .line(let line): "\(place.file):\(line)"
  case .element(let element, let line): "\(place.file), element \(element), which begins in line \(line)"
  }
}

// MARK: Computations

private func describe(_ error: ScoringError) -> String {
  switch error {
  case .unexpectedDocumentCount(let task, let file, let expected, let found):
    "\(file): \(found) documents of \(task), the suite expects \(expected)"
  case .unscorable(let task, let document, let error): "\(task), document \(document): \(describe(error))"
  case .notANumber(let task, let document):
    "\(task), document \(document): a log-likelihood is not a number; the model or its adapter is broken"
  case .noRoom(let needed, let available):
    "the model takes \(available) tokens behind its prompts, and \(needed) are needed"
  case .unknownToken(let token, let place, let vocabularySize):
    "\(place): the tokenizer gives the token \(token), and the model has \(vocabularySize), which count from 0"
  }
}

private func describe(_ error: RequestError) -> String {
  switch error {
  case .emptyContext: "the context is nothing but white space"
  case .emptyContinuation: "the continuation has no tokens"
  case .continuationTooLong(let tokens, let maximum):
    "the continuation has \(tokens) tokens, more than the \(maximum) that the model takes"
  }
}

private func describe(_ reason: RequestLineError.Reason) -> String {
  switch reason {
  case .unscorable(let error): describe(error)
  case .noEndOfText(let folder):
    "an empty context becomes the end-of-text token, and the tokenizer in \(folder) has none"
  case .unknownToken(let token, let vocabularySize):
    "the token \(token) is none of the model's \(vocabularySize), which count from 0"
  case .notANumber: "the log-likelihood is not a finite number; the model is broken"
  }
}

private func describe(_ error: CompressionError) -> String {
  switch error {
  case .notPositiveDefinite(let layer, let minor, let dampeningFractions):
    "\(layer): the Hessian is not positive definite (trailing minor \(minor)) at dampeningFraction \(dampeningFractions.map { "\($0)" }.joined(separator: ", ")); raise it, or use more calibration samples"
  case .inputNotFinite(let layer):
    "\(layer): the calibration text gives this layer inputs that are not finite, or too large to be squared; use other text, or look at the layers before it"
  case .inputAlwaysZero(let layer):
    "\(layer): the calibration text gives this layer nothing but zeros; use other text, or look at the layers before it"
  case .weightNotFinite(let layer): "\(layer): a weight is not a finite number; the model is broken"
  case .cannotPack(let layer, let rows, let columns, let bits):
    "\(layer): \(rows) × \(columns) codes of \(bits) bits do not fill whole words of 32 bits, as --packed needs; use other bits (8 need multiples of 4, 4 of 8, 3 of 32, 2 of 16), or leave --packed out"
  case .packedAlready(let layer):
    "\(layer): packed codes already; compress the checkpoint that they were made from"
  case .memoryTooSmall(let needed, let limit):
    "this takes \(bytes(needed)) beside the program at least, and --memory allows \(bytes(limit)); allow more, or use shorter calibration sequences (--length) or fewer threads"
  case .outputTaken(let folder):
    "\(folder): the folder has other files; name another one with -o, or remove them"
  case .otherCompression(let folder):
    "\(folder): holds a compression with other settings, of another model or calibration; name another folder with -o, or remove this one"
  case .outputInUse(let folder): "\(folder): another process is writing to this folder"
  case .unwritable(let file, let reason): "\(file): cannot be written: \(reason)"
  }
}

private func describe(_ error: SettingsError) -> String {
  switch error {
  case .missing(let options, let method):
    "the method \(method.rawValue) needs \(options.map(\.flag).joined(separator: " or "))"
  case .withoutUse(let option, let method):
    "the method \(method.rawValue) has no use for \(option.flag); leave it out"
  case .conflicting(let one, let other): "\(one.flag) and \(other.flag) exclude each other; leave one out"
  case .without(let option, let needed):
    "\(option.flag) says how \(needed.flag) works, which is not there; add that, or leave this out"
  case .outOfRange(let option, let expected, let found): "\(option.flag) should be \(expected), found \(found)"
  }
}

extension CompressionSettings.Option {
  /// As the command spells it.
  fileprivate var flag: String {
    if self == .dampeningFraction { return "--percdamp" }
    return "--" + rawValue.map { $0.isUppercase ? "-\($0.lowercased())" : String($0) }.joined()
  }
}

private func describe(_ error: CalibrationError) -> String {
  switch error {
  case .noDocument(let longest, let length):
    "no document of the calibration corpus has \(length) tokens (the longest has \(longest)); use a shorter length or another corpus"
  case .noPlace(let document, let length):
    "document \(document) of the calibration corpus has exactly \(length) tokens, on which the reference's rule fails; use another seed or length"
  }
}

private func describe(_ error: TrainingError) -> String {
  switch error {
  case .diverged(let step, let loss, let place):
    "the training diverged in step \(step): not finite any more is \(place) (loss \(loss)); use a smaller learning rate, a warm-up, or clip the gradients"
  case .lossRose(let step, let start, let now, let rule):
    "the training diverged: at step \(step) the mean loss of the last \(rule.stepCount) steps is \(String(format: "%.3f", now)) nats, more than \(rule.excess) above that of the first \(rule.stepCount), \(String(format: "%.3f", start)); use a smaller learning rate, a warm-up, or clip the gradients"
  case .corpusTooShort(let tokens, let needed):
    "the training corpus has \(tokens) tokens, and \(needed) are needed; use more text, shorter sequences, or hold out fewer"
  case .otherTraining(let file):
    "\(file): the state of another training: of another model or text, or by another recipe. Give the command that was interrupted, or name another folder, or remove the file."
  case .damagedState(let file, let reason):
    "\(file): no state of a training, or a damaged one\(reason.map { " (\(describe($0)))" } ?? ""); remove it, and the training begins anew"
  }
}

private func describe(_ error: AdapterTrainingError) -> String {
  switch error {
  case .outputTaken(let folder):
    "\(folder): the folder has other files; name another one with -o, or remove them"
  case .otherTraining(let folder):
    "\(folder): holds a training with other settings, of another model or text; name another folder with -o, or remove this one"
  case .otherShape(let folder): "\(folder): a model of another shape than the one that is asked for"
  case .outputInUse(let folder): "\(folder): another process is writing to this folder"
  case .unwritable(let folder, let reason): "\(folder): cannot be written: \(reason)"
  case .validatedOnTraining(let file):
    "\(file): this is the text that is trained on; name another one, or leave --validation out to hold out its last sequences"
  case .validationTooShort(let file, let sequences, let needed):
    "\(file): the text has \(sequences) whole sequences for validation, and \(needed) are asked for; use --validation-sequences"
  case .unknownLayers(let names, let known):
    "the model has no layers called \(names.joined(separator: ", ")); it has \(known.joined(separator: ", "))"
  }
}

private func describe(_ error: AcceptanceError) -> String {
  switch error {
  case .unknownCell(let cell): "there is no result for \(cell)"
  case .refused(let cell, let reasons): "\(cell) cannot be a baseline: \(reasons.joined(separator: "; "))"
  case .unwritable(let error): error.text
  }
}
