/// How the learning rate changes from update to update.
package enum LearningRateSchedule: Equatable, Sendable {
  case constant
  /// Rises linearly from 0 over `warmupSteps` updates, then falls linearly to 0 at `totalSteps`.
  case linear(warmupSteps: Int, totalSteps: Int)

  /// What multiplies the learning rate in `update`, counted from 0: with a warm-up, the first update changes nothing.
  ///
  /// Source: transformers 4.31, optimization.py, `get_linear_schedule_with_warmup`.
  package func factor(update: Int) -> Double {
    precondition(update >= 0, "update \(update)")
    switch self {
    case .constant:
      return 1
    case .linear(let warmupSteps, let totalSteps):
      if update < warmupSteps { return Double(update) / Double(max(1, warmupSteps)) }
      return max(0, Double(totalSteps - update) / Double(max(1, totalSteps - warmupSteps)))
    }
  }
}
