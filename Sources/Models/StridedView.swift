/// Which elements of a storage a tensor has, in elements: the one at index (i, j, …) stands at
/// offset + i · strides[0] + j · strides[1] + ….
struct StridedView {
  let offset: Int
  let shape: [Int]
  /// As many as the shape has axes; none is negative.
  let strides: [Int]

  /// Behind the last element of the storage that is looked at; nil where that overflows.
  var end: Int? {
    if shape.contains(0) { return offset }
    var last = offset
    for (extent, stride) in zip(shape, strides) {
      let (reach, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(reach)
      guard !overflow, !sumOverflow else { return nil }
      last = sum
    }
    let (end, overflow) = last.addingReportingOverflow(1)
    return overflow ? nil : end
  }

  /// Whether the elements stand side by side in C order; their number must not overflow. Strides do not matter along
  /// axes of one element, and nothing does where there are no elements.
  var isContiguous: Bool {
    if shape.contains(0) { return true }
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }

  /// Copies the elements, of `width` bytes each, in C order. `source` must reach to `end`, and `target` take all.
  func copyElements(of width: Int, from source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer) {
    // A stride along an axis of one element is never followed, and may be any number.
    let axes = shape.indices.filter { shape[$0] > 1 }
    var index = [Int](repeating: 0, count: shape.count)
    var place = offset
    for start in stride(from: 0, to: target.count, by: width) {
      UnsafeMutableRawBufferPointer(rebasing: target[start..<start + width]).copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[place * width..<(place + 1) * width]))
      for axis in axes.reversed() {
        index[axis] += 1
        place += strides[axis]
        guard index[axis] == shape[axis] else { break }
        index[axis] = 0
        place -= strides[axis] * shape[axis]
      }
    }
  }
}
