/// The spellings of an answer that need a request of their own: sorted by code points, and without each one that begins
/// with the last one kept, because whoever would write it has already written that one.
///
/// ["Jamaican English", "Jamaican", "jam"] gives ["Jamaican", "jam"]. Letter case and blanks are left as they are.
///
/// Source: `_remove_prefixes` in lm-evaluation-harness, lm_eval/tasks/webqs.py and triviaqa.py.
package func reducedAliases(_ aliases: [String]) -> [String] {
  var kept: [String] = []
  // The order of UTF-8 bytes is that of code points.
  for alias in aliases.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
    if let last = kept.last, alias.utf8.starts(with: last.utf8) { continue }
    kept.append(alias)
  }
  return kept
}
