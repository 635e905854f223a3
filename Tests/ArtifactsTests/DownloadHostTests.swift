import Artifacts
import Foundation
import TestServers
import Testing

/// What hosts say instead of the file, and where they send one on to.
@Suite struct DownloadHostTests {
  let fixture: DownloadFixture
  let bytes = DownloadFixture.bytes(1_000)
  var server: FaultyServer { fixture.server }

  init() throws { fixture = try DownloadFixture() }

  private func served(_ behaviours: ServerBehaviour..., after habit: ServerBehaviour = .proper) -> Download {
    server.serve(ServedFile(bytes), at: "/file")
    server.script("/file", behaviours, after: habit)
    return fixture.download("/file", of: bytes)
  }

  // MARK: Statuses

  @Test(arguments: [408, 425, 429, 500, 502, 503, 504])
  func `a status that may pass is tried again`(status: Int) throws {
    let download = served(.status(status), .status(status))
    _ = try fixture.run(download)?.get()
    #expect(fixture.partial(download) == bytes)
    #expect(server.requests.map(\.status) == [status, status, 200])
  }

  @Test(arguments: [400, 404, 410, 501])
  func `a status that stays is asked for once, and the next source tried`(status: Int) throws {
    _ = served(after: .status(status))
    server.serve(ServedFile(bytes), at: "/mirror")
    let download = fixture.download(server.url("/file"), server.url("/mirror"))
    #expect(try fixture.run(download)?.get().source == server.url("/mirror"))
    #expect(fixture.partial(download) == bytes)
    #expect(server.requests.map(\.status) == [status, 200])
  }

  @Test func `all sources are named with what each said`() throws {
    _ = served(after: .status(503))
    let download = fixture.download(server.url("/nothing"), server.url("/file"), "ftp://example.com/file", "nonsense")
    let attempts = [
      ArtifactError.FailedAttempt(source: server.url("/nothing"), reason: "HTTP 404"),
      ArtifactError.FailedAttempt(source: server.url("/file"), reason: "HTTP 503"),
      ArtifactError.FailedAttempt(source: "ftp://example.com/file", reason: "not an http, https or file URL"),
      ArtifactError.FailedAttempt(source: "nonsense", reason: "not an http, https or file URL"),
    ]
    #expect(fixture.run(download) == .failure(.unreachable(file: "file", attempts: attempts)))
    #expect(fixture.partial(download) == [])
  }

  @Test func `an error's page is not written behind what is there`() throws {
    let download = served(.cut(after: 300), after: .status(500))
    #expect(fixture.run(download)?.reasons == ["HTTP 500"])
    #expect(fixture.partial(download) == Array(bytes[..<300]))
  }

  @Test func `a server that asks to be left alone for a while is`() throws {
    let download = served(.status(429, fields: ["Retry-After: 1"]))
    var activities: [DownloadProgress.Activity] = []
    let start = ContinuousClock.now
    Downloader(settings: DownloadFixture.settings)
      .run([download], shouldStop: { false }, report: { activities.append($0.activity) }, arrived: { _, _ in })
    #expect(ContinuousClock.now - start >= .seconds(1))
    #expect(activities.contains(.retrying(seconds: 1, reason: "HTTP 429")))
    #expect(fixture.partial(download) == bytes)
  }

  @Test func `a wait is no longer than the settings allow, whatever the server asks for`() throws {
    let date = Date(timeIntervalSinceNow: 3600).formatted(
      Date.VerbatimFormatStyle(
        format: """
          \(weekday: .abbreviated), \(day: .twoDigits) \(month: .abbreviated) \(year: .defaultDigits) \
          \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits):\
          \(second: .twoDigits) GMT
          """,
        locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt, calendar: Calendar(identifier: .gregorian)))
    let download = served(.status(503, fields: ["Retry-After: \(date)"]), .status(503, fields: ["Retry-After: 99999"]))
    var settings = DownloadFixture.settings
    settings.longestRetryAfterSeconds = 0.25
    var activities: [DownloadProgress.Activity] = []
    Downloader(settings: settings)
      .run([download], shouldStop: { false }, report: { activities.append($0.activity) }, arrived: { _, _ in })
    #expect(activities.contains(.retrying(seconds: 0.25, reason: "HTTP 503")))
    #expect(server.requests.map(\.status) == [503, 503, 200])
    #expect(fixture.partial(download) == bytes)
  }

  // MARK: Redirects

  @Test func `a redirect is followed, and the range goes along`() throws {
    server.serve(ServedFile(bytes), at: "/elsewhere")
    server.script("/file", after: .redirect(to: "/elsewhere"))
    server.script("/elsewhere", [.cut(after: 300)])
    let download = fixture.download("/file", of: bytes)
    #expect(try fixture.run(download)?.get().source == server.url("/file"))
    #expect(fixture.partial(download) == bytes)
    #expect(server.requests(for: "/elsewhere").map(\.range) == [nil, "bytes=300-"])
    #expect(server.requests(for: "/elsewhere").last?.fields["if-range"] == "\"1\"")
  }

  @Test func `redirects in a circle end`() throws {
    let download = served(after: .redirect(to: "/file"))
    #expect(fixture.run(download)?.reasons == ["more than 10 redirects"])
    #expect(server.requests.count == 11)
  }

  @Test func `a redirect to a file of this machine is not followed`() throws {
    let secret = try fixture.write(bytes, to: "secret")
    let download = served(after: .redirect(to: "file://\(secret)"))
    #expect(fixture.run(download)?.reasons == ["redirected to what is no http or https URL"])
    #expect(fixture.partial(download) == [])
  }

  // MARK: Tokens

  private func settings(tokenFor origin: String) -> TransferSettings {
    var settings = DownloadFixture.settings
    settings.token = Token(value: "sesame\n", origin: origin)
    return settings
  }

  @Test func `a token goes to its origin alone`() throws {
    let other = try FaultyServer()
    defer { other.stop() }
    for server in [server, other] { server.serve(ServedFile(bytes), at: "/file") }
    let downloads = [
      fixture.download(server.url("/file"), to: "a"), fixture.download(server.url("/file", host: "localhost"), to: "b"),
      fixture.download(other.url("/file"), to: "c"),
    ]
    Downloader(settings: settings(tokenFor: server.url("/")))
      .run(downloads, shouldStop: { false }, report: { _ in }, arrived: { #expect((try? $1.get()) != nil, "\($0)") })
    let seen = server.requests.map { "\($0.fields["host"] ?? "") \($0.authorization ?? "nothing")" }
    #expect(
      Set(seen) == ["127.0.0.1:\(server.port) Bearer sesame", "localhost:\(server.port) nothing"])
    #expect(other.requests.map(\.authorization) == [nil])
  }

  @Test func `a token does not follow to another host`() throws {
    server.serve(ServedFile(bytes), at: "/elsewhere")
    let download = served(after: .redirect(to: server.url("/elsewhere", host: "localhost")))
    _ = try fixture.run(download, settings(tokenFor: server.url("/")))?.get()
    #expect(server.requests.map(\.authorization) == ["Bearer sesame", nil])
  }

  @Test func `a token does not follow to another port, nor come back from there`() throws {
    let other = try FaultyServer()
    defer { other.stop() }
    server.serve(ServedFile(bytes), at: "/back")
    other.script("/away", after: .redirect(to: server.url("/back")))
    let download = served(after: .redirect(to: other.url("/away")))
    _ = try fixture.run(download, settings(tokenFor: server.url("/")))?.get()
    #expect(server.requests.map(\.authorization) == ["Bearer sesame", nil])
    #expect(other.requests.map(\.authorization) == [nil])
  }

  @Test func `a token follows within its origin`() throws {
    server.serve(ServedFile(bytes), at: "/elsewhere")
    let download = served(after: .redirect(to: "/elsewhere"))
    _ = try fixture.run(download, settings(tokenFor: server.url("/")))?.get()
    #expect(server.requests.map(\.authorization) == ["Bearer sesame", "Bearer sesame"])
  }

  @Test(arguments: [401, 403])
  func `a closed door says what may open it`(status: Int) throws {
    let download = served(after: .status(status))
    #expect(fixture.run(download)?.reasons == ["HTTP \(status): it may need a token"])
    let withToken = fixture.run(download, settings(tokenFor: server.url("/")))
    #expect(withToken?.reasons == ["HTTP \(status): the token opens it only once its licence is accepted"])
  }

  @Test func `no secret is in what is shown`() throws {
    let url = "http://user:word@127.0.0.1:\(server.port)/nothing?signature=hidden#place"
    let attempts = [ArtifactError.FailedAttempt(source: server.url("/nothing"), reason: "HTTP 404")]
    #expect(fixture.run(fixture.download(url)) == .failure(.unreachable(file: "file", attempts: attempts)))
    let token = Token(value: "sesame", origin: "https://example.com/models")
    var text = ""
    dump(token, to: &text)
    #expect("\(token)" == "a token for https://example.com:443")
    #expect(!text.contains("sesame") && !String(reflecting: token).contains("sesame"))
  }
}
