/// A published work that experiments read: a data set, a corpus or a checkpoint.
package struct Artifact: Sendable, Equatable {
  /// A word, which is also the name of its folder.
  package let name: String
  package let title: String
  package let licence: String
  /// What its publisher asks to be accepted before it is used; nil where nothing is.
  package let terms: String?
  package let files: [ArtifactFile]

  package init(name: String, title: String, licence: String, terms: String?, files: [ArtifactFile]) {
    self.name = name
    self.title = title
    self.licence = licence
    self.terms = terms
    self.files = files
  }
}

/// A file as its publisher offers it, and what is wanted of it.
package struct ArtifactFile: Sendable, Equatable {
  package let name: String
  /// Interchangeable: what the file is, its digest says.
  package let sources: [ArtifactSource]
  /// In bytes; nil where nobody has recorded it.
  package let size: Int?
  /// Roughly, for plans, where `size` is not known.
  package let approximateSize: Int?
  /// Of the file, or of a slice's text; nil where nobody has recorded it. The first one to come is then the known one.
  package let sha256: String?
  package let content: ArtifactContent

  package init(
    name: String, sources: [ArtifactSource], size: Int?, approximateSize: Int?, sha256: String?,
    content: ArtifactContent
  ) {
    self.name = name
    self.sources = sources
    self.size = size
    self.approximateSize = approximateSize
    self.sha256 = sha256
    self.content = content
  }

  /// The names that the artifact's folder has because of this file.
  package var placedNames: [String] {
    switch content {
    case .whole, .slice: [name]
    case .archive(let archive): archive.members.map(\.name)
    }
  }
}

/// Where a file can be had.
package enum ArtifactSource: Sendable, Equatable {
  case url(String)
  case huggingFace(HuggingFaceFile)
}

/// What is wanted of a published file.
package enum ArtifactContent: Sendable, Equatable {
  case whole
  case archive(ArchiveContent)
  /// Of a gzip'd file of lines, some; only so much of it is transferred.
  case slice(SliceSelection)
}

/// The members of an archive that are wanted; the archive itself is not kept.
package struct ArchiveContent: Sendable, Equatable {
  package struct Member: Sendable, Equatable {
    /// Its name in the artifact's folder.
    package let name: String
    package let wanted: WantedMember

    package init(name: String, wanted: WantedMember) {
      self.name = name
      self.wanted = wanted
    }
  }

  package let members: [Member]
  /// The most bytes that the members may have together.
  package let largestTotal: Int
  /// Whether the file is one compressed stream rather than an archive with entries; it then has one member.
  package let isSingleStream: Bool

  package init(members: [Member], largestTotal: Int, isSingleStream: Bool) {
    self.members = members
    self.largestTotal = largestTotal
    self.isSingleStream = isSingleStream
  }
}

/// All artifacts that are known by name, and which of them a suite needs.
package struct Manifest: Sendable, Equatable {
  package let artifacts: [Artifact]
  /// Names of artifacts, by the suite's name.
  package let suites: [String: [String]]

  package init(artifacts: [Artifact], suites: [String: [String]]) {
    self.artifacts = artifacts
    self.suites = suites
  }
}
