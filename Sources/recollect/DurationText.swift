import Foundation

/// Seconds for people to read, such as “2 min 5 s”.
func duration(_ seconds: Double) -> String {
  if seconds < 10 { return String(format: "%.1f s", seconds) }
  let whole = Int(seconds.rounded())
  if whole < 60 { return "\(whole) s" }
  if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
  return "\(whole / 3600) h \(whole % 3600 / 60) min"
}
