import Glibc
import Tensors

/// Which program's AdamW; they agree in everything but rounding where `epsilon` and `weightDecay` are zero.
package enum AdamWVariant: Equatable, Sendable {
  /// torch.optim.AdamW (2.1): ε is added to the corrected √v̂, and the decay comes before the update.
  case torch
  /// transformers.AdamW (4.31): ε is added to √v before its correction, and the decay comes after the update.
  case transformers
}

/// Everything about AdamW that stays the same from step to step. The defaults are those of torch.optim.AdamW.
package struct AdamWOptions: Equatable, Sendable {
  package var beta1: Double
  package var beta2: Double
  /// transformers.AdamW has 1e-6.
  package var epsilon: Double
  package var weightDecay: Double
  package var variant: AdamWVariant
  /// Whether m and v are divided by 1 - βᵏ, for having started at zero.
  package var correctsBias: Bool
  /// Gradients of a larger total norm are scaled down to this one; nil leaves them alone.
  package var maximumGradientNorm: Double?

  package init(
    beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 1e-2,
    variant: AdamWVariant = .torch, correctsBias: Bool = true, maximumGradientNorm: Double? = nil
  ) {
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    self.variant = variant
    self.correctsBias = correctsBias
    self.maximumGradientNorm = maximumGradientNorm
  }
}

/// Adam with decoupled weight decay, over any number of parameter tensors, each seen as a flat array.
///
/// With gradient `g`, step `k` from 1, learning rate `lr`, weight decay `wd`, and the moments `m`, `v` at first zero:
///
///     torch         p ← p(1 - lr·wd)
///                   m ← m + (g - m)(1 - β₁)
///                   v ← β₂v + (1 - β₂)g²
///                   p ← p - lr/(1 - β₁ᵏ) · m / (√v/√(1 - β₂ᵏ) + ε)
///
///     transformers  m ← β₁m + (1 - β₁)g
///                   v ← β₂v + (1 - β₂)g²
///                   p ← p - lr·√(1 - β₂ᵏ)/(1 - β₁ᵏ) · m / (√v + ε)
///                   p ← p - lr·wd·p
///
/// Numbers of a step are computed in double precision, those of an element in the parameters' own. Products that are
/// added are not rounded before, as in torch's vector kernels: where `g` nearly cancels `m`, that rounding would show.
///
/// Source: Loshchilov & Hutter 2019, "Decoupled weight decay regularization" (arXiv:1711.05101), Algorithm 2;
/// torch 2.1 `_single_tensor_adamw`, transformers 4.31 `AdamW.step`.
package struct AdamW<Scalar: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
  package let options: AdamWOptions
  /// Steps taken.
  package internal(set) var stepCount = 0
  /// The moments `m` and `v` of each parameter tensor.
  package internal(set) var firstMoments: [[Scalar]]
  package internal(set) var secondMoments: [[Scalar]]

  /// `elementCounts`: of each parameter tensor, in the order in which every step will pass them.
  package init(elementCounts: [Int], options: AdamWOptions = AdamWOptions()) {
    self.options = options
    firstMoments = elementCounts.map { [Scalar](repeating: 0, count: $0) }
    secondMoments = firstMoments
  }

  /// Takes one step on all parameter tensors.
  package mutating func step(parameters: inout [[Scalar]], gradients: [[Scalar]], learningRate: Double) {
    requireTensors(parameters.count, gradients.count)
    let factors = beginStep(
      learningRate: learningRate,
      gradientScale: gradientScale { body in gradients.forEach { $0.withUnsafeBufferPointer(body) } })
    for tensor in parameters.indices {
      parameters[tensor].withUnsafeMutableBufferPointer { elements in
        gradients[tensor].withUnsafeBufferPointer { update(tensor, elements, by: $0, factors) }
      }
    }
  }

  private func requireTensors(_ parameterCount: Int, _ gradientCount: Int) {
    precondition(
      parameterCount == firstMoments.count && gradientCount == firstMoments.count,
      "\(parameterCount) parameters and \(gradientCount) gradients for an optimizer of \(firstMoments.count)")
  }
}

extension AdamW where Scalar == Float {
  /// Takes one step on all parameter matrices.
  package mutating func step(parameters: inout [Matrix], gradients: [Matrix], learningRate: Double) {
    requireTensors(parameters.count, gradients.count)
    let factors = beginStep(
      learningRate: learningRate,
      gradientScale: gradientScale { body in gradients.forEach { $0.withElements(body) } })
    for tensor in parameters.indices {
      parameters[tensor].withMutableElements { elements in
        gradients[tensor].withElements { update(tensor, elements, by: $0, factors) }
      }
    }
  }
}

// MARK: One step

extension AdamW {
  /// The numbers that all elements share in one step.
  private struct StepFactors {
    var gradientScale: Scalar
    var decayBefore: Scalar = 1
    /// Whether `m` moves by interpolation, which rounds otherwise than the weighted sum.
    var interpolates: Bool
    var beta1: Scalar
    /// 1 - β₁
    var firstWeight: Scalar
    var beta2: Scalar
    /// 1 - β₂
    var secondWeight: Scalar
    /// What divides √v before ε is added.
    var rootDivisor: Scalar = 1
    var epsilon: Scalar
    var negativeStepSize: Scalar
    /// -lr·wd, for a decay after the update.
    var decayAfter: Scalar?
  }

  private mutating func beginStep(learningRate: Double, gradientScale: Scalar) -> StepFactors {
    stepCount += 1
    let firstCorrection = options.correctsBias ? 1 - pow(options.beta1, Double(stepCount)) : 1
    let secondCorrection = options.correctsBias ? 1 - pow(options.beta2, Double(stepCount)) : 1
    var factors = StepFactors(
      gradientScale: gradientScale, interpolates: options.variant == .torch, beta1: Scalar(options.beta1),
      firstWeight: Scalar(1 - options.beta1), beta2: Scalar(options.beta2), secondWeight: Scalar(1 - options.beta2),
      epsilon: Scalar(options.epsilon), negativeStepSize: 0)
    switch options.variant {
    case .torch:
      factors.decayBefore = Scalar(1 - learningRate * options.weightDecay)
      factors.rootDivisor = Scalar(secondCorrection.squareRoot())
      factors.negativeStepSize = Scalar(-(learningRate / firstCorrection))
    case .transformers:
      factors.negativeStepSize = Scalar(-(learningRate * secondCorrection.squareRoot() / firstCorrection))
      if options.weightDecay > 0 { factors.decayAfter = Scalar(-learningRate * options.weightDecay) }
    }
    return factors
  }

  /// What multiplies every gradient: min(1, maximum norm / (total norm + 1e-6)), where the total is the L2 norm of the
  /// tensors' L2 norms; 1 without a maximum. A NaN among the gradients makes it NaN.
  ///
  /// Source: torch 2.1 `clip_grad_norm_`.
  private func gradientScale(_ forEachGradient: ((UnsafeBufferPointer<Scalar>) -> Void) -> Void) -> Scalar {
    guard let maximum = options.maximumGradientNorm else { return 1 }
    var norms: [Scalar] = []
    forEachGradient { norms.append(norm($0)) }
    let scale = Scalar(maximum) / (norms.withUnsafeBufferPointer(norm) + Scalar(1e-6))
    return scale > 1 ? 1 : scale
  }

  /// The L2 norm, its squares summed in the elements' own precision and in torch's order on x86: the lanes of a 256-bit
  /// vector, the lanes from first to last, and then what does not fill them. Clipping by a more exact norm would scale
  /// all gradients by another last digit.
  ///
  /// Source: pytorch, aten/src/ATen/native/cpu/ReduceOpsKernel.cpp, `norm_kernel_tensor_iterator_impl`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func norm(_ elements: UnsafeBufferPointer<Scalar>) -> Scalar {
    let laneCount = 32 / MemoryLayout<Scalar>.size
    var lanes = [Scalar](repeating: 0, count: laneCount)
    let tail = elements.count - elements.count % laneCount
    for start in stride(from: 0, to: tail, by: laneCount) {
      for lane in 0..<laneCount { lanes[lane].addProduct(elements[start + lane], elements[start + lane]) }
    }
    var sum = lanes.reduce(0, +)
    for index in tail..<elements.count { sum.addProduct(elements[index], elements[index]) }
    return sum.squareRoot()
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func update(
    _ tensor: Int, _ parameters: UnsafeMutableBufferPointer<Scalar>, by gradients: UnsafeBufferPointer<Scalar>,
    _ factors: StepFactors
  ) {
    let count = firstMoments[tensor].count
    precondition(
      parameters.count == count && gradients.count == count,
      "tensor \(tensor): \(parameters.count) parameters and \(gradients.count) gradients, moments of \(count)")
    firstMoments[tensor].withUnsafeMutableBufferPointer { firstMoment in
      secondMoments[tensor].withUnsafeMutableBufferPointer { secondMoment in
        for index in 0..<count {
          let gradient = gradients[index] * factors.gradientScale
          let first =
            factors.interpolates
            ? interpolated(firstMoment[index], gradient, factors.firstWeight)
            : (firstMoment[index] * factors.beta1).addingProduct(factors.firstWeight, gradient)
          let second = (secondMoment[index] * factors.beta2).addingProduct(factors.secondWeight * gradient, gradient)
          firstMoment[index] = first
          secondMoment[index] = second
          let denominator = second.squareRoot() / factors.rootDivisor + factors.epsilon
          var parameter = parameters[index] * factors.decayBefore
          parameter += factors.negativeStepSize * first / denominator
          if let decay = factors.decayAfter { parameter.addProduct(decay, parameter) }
          parameters[index] = parameter
        }
      }
    }
  }
}

/// `start` + `weight`·(`end` - `start`), from the nearer end: torch's `lerp`.
@inline(__always)
private func interpolated<Scalar: BinaryFloatingPoint>(_ start: Scalar, _ end: Scalar, _ weight: Scalar) -> Scalar {
  weight < 0.5 ? start.addingProduct(weight, end - start) : end.addingProduct(weight - 1, end - start)
}
