/// One file that PyTorch's `torch.save` wrote of a state dict (`pytorch_model.bin`): a zip archive of a pickle, which
/// says what tensors there are, and of their storages. Only the zip format is read, which PyTorch writes since 1.6.
///
/// Source: PyTorch 2.1, torch/serialization.py and torch/_utils.py; `architectures.md` section 5.
package struct PyTorchCheckpoint: Sendable {
  package let path: String
  /// In the order of the state dict. Tensors that are tied share their bytes.
  package let tensors: [StoredTensor]

  /// - Throws: `.refusedPickle` where the pickle does what no state dict needs; `.invalidArchive` naming the entry or
  ///   the tensor that breaks a rule.
  package init(path: String) throws(CheckpointError) {
    self.path = path
    let file = try MappedFile(path: path)
    guard file.bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) else {
      throw .invalidArchive(
        file: path,
        reason: "it does not begin as a zip archive. If it was saved by PyTorch before 1.6, load it and save it again"
          + " with a newer one, or convert it to safetensors")
    }
    let archive = try TorchArchive(ZipArchive(file))
    let pickle = try archive.pickle()
    guard case .dictionary(let dictionary) = pickle.root else {
      throw .invalidArchive(file: path, reason: "it holds \(pickle.root.kind), not a dictionary of tensors")
    }

    var reader = TorchTensorReader(archive: archive, pickle: pickle)
    var tensors: [StoredTensor] = []
    var names: Set<[UInt8]> = []
    let members = pickle.elements(of: dictionary)
    for index in stride(from: 0, to: members.count, by: 2) {
      guard case .text(let name) = members[index] else {
        throw .invalidArchive(file: path, reason: "a key of the state dict is \(members[index].kind), not a text")
      }
      guard names.insert(Array(name.utf8)).inserted else {
        throw .invalidArchive(file: path, reason: "“\(name)” is there twice")
      }
      tensors.append(try reader.tensor(named: name, members[index + 1]))
    }
    self.tensors = tensors
  }
}
