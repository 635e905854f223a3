import Foundation

/// Lets the C library take names as UTF-8 in this thread, for as long as `body` runs.
///
/// libarchive turns the names within an archive into the charset of the locale, and a program that calls no setlocale
/// (as this one) is in the locale C, which has only ASCII: every other letter would become a question mark.
func withUTF8Locale<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
  guard let locale = newlocale(Int32(LC_CTYPE_MASK), "C.UTF-8", nil) else {
    fatalError("the C library has no locale C.UTF-8")
  }
  let former = uselocale(locale)
  defer {
    uselocale(former)
    freelocale(locale)
  }
  return try body()
}
