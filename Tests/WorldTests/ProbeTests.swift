import Testing
import World

@Suite struct ProbeTests {
  let probes = Probe.probes(of: SmallIsland.world)

  @Test func `a probe ends with the value of its fact and says no other before`() {
    let wrong = probes.filter { probe in
      probe.answer != " " + probe.fact.value || probe.prompt.hasSuffix(" ") || probe.prompt.hasSuffix(probe.answer)
    }
    #expect(wrong.map(\.prompt) == [])
    #expect(probes.count > 3000)
  }

  @Test func `no beginning goes on in two ways`() {
    #expect(Set(probes.map(\.prompt)).count == probes.count)
  }

  @Test func `a probe names what it asks for`() {
    let world = SmallIsland.world
    let wrong = probes.filter { !$0.prompt.lowercased().contains(world.subject(of: $0.fact).name.lowercased()) }
    #expect(wrong.map(\.prompt) == [])
  }
}
