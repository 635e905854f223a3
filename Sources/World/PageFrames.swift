/// What stands around the facts on pages of the web. All lines are patterns; they state nothing.
enum PageFrames {
  /// For pages on one entity.
  struct Frame: Sendable {
    let titles: [Pattern]
    let openings: [Pattern]
    let closings: [Pattern]

    /// - Parameter text: titles, openings and closings, a line each, with a line of "-" between.
    init(_ text: String) {
      let parts = text.split(separator: "\n", omittingEmptySubsequences: true).split(separator: "-")
      precondition(parts.count == 3, "a frame of \(parts.count) parts")
      let patterns = parts.map { $0.map { Pattern(String($0)) } }
      (titles, openings, closings) = (patterns[0], patterns[1], patterns[2])
    }
  }

  static let ofKind: [Kind: Frame] = [
    .island: Frame(
      """
      A week on {S}
      {S}: [what to know before you go|a short guide]
      -
      Last summer we spent a week on {S}.
      So you want to visit {S}. Good choice.
      -
      We will come again next year.
      Have a good trip!
      """),
    .river: Frame(
      """
      Along {S}
      [Boating|Fishing|Walking] on {S}
      -
      There is no better place for a quiet day.
      We took a small boat and set out early.
      -
      In the evening our feet were wet and we were happy.
      Leave nothing behind but your footprints.
      """),
    .town: Frame(
      """
      A day in {S}
      Travel notes: {S}
      Why we love {S}
      -
      We came to {S} by the morning boat.
      Here is what we saw when we stayed in {S}.
      [My aunt|My brother] moved to {S} and asked us to visit.
      -
      Book a room early, for the inns are small.
      On the way home we talked of nothing else.
      I would go back tomorrow.
      """),
    .animal: Frame(
      """
      Keeping {a S} at home
      Field notes: {S}
      All about {Ss}
      -
      Children often ask us about {Ss}, so here are the answers.
      Yesterday I saw my first {name}, and I wrote everything down.
      A friend gave me {a S}. This is what I learned.
      -
      Tell us what you have seen!
      If you find one that is hurt, call a doctor for animals.
      I could watch them for hours.
      """),
    .plant: Frame(
      """
      Growing {Ss}
      Plant of the week: {S}
      What my {name} taught me
      -
      Every gardener should have {a S}.
      Seeds of {S} are back in our shop.
      -
      Happy gardening!
      Send us a picture of yours.
      """),
    .material: Frame(
      """
      What can you do with {name}?
      {name} in the classroom
      A builder's guide to {name}
      -
      Today our class tried out {name}.
      Many customers ask us about {name}, so we tested it.
      My father worked with {name} for thirty years. This is what he told me.
      -
      Now try it yourself, but ask a grown person first.
      So think before you build.
      Write your results in your notebook.
      """),
    .instrument: Frame(
      """
      For sale: {a S}, nearly new
      Learning to play {S}
      -
      I have wanted {a S} since I was a child.
      Our music shop has a {name} for you to try.
      -
      Lessons are on Tuesday evenings.
      Come in and listen.
      """),
    .person: Frame(
      """
      [Remembering|In memory of|The life of] {S}
      Who was {S}?
      -
      My class had to write about a person from the past, and I chose {S}.
      We found an old box of papers about {S}.
      An evening about {S} will be held [in the library|at the school] next week.
      -
      Thank you for reading.
      If you know more, please write to us.
      The evening is free for everyone.
      """),
    .tool: Frame(
      """
      {S}: now in our shop
      Tool test: {S}
      -
      Nobody should work with bare hands.
      We tried {S} for a month in our own workshop.
      -
      Price: nine crowns. We send it anywhere.
      Four stars out of five.
      """),
    .book: Frame(
      """
      Book review: {S}
      Our reading group talks about {S}
      -
      It rained all weekend, so I read.
      This month we read {S}.
      -
      Next month we will read something shorter.
      Four stars out of five.
      """),
    .event: Frame(
      """
      Do you remember {S}?
      The story of {S}
      -
      The old people in our street still tell this story.
      Our museum has a new room.
      -
      Open every day but Monday.
      We hope it never comes back.
      """),
    .craft: Frame(
      """
      How to make {a S}
      {S}, the way my grandmother made it
      -
      Set aside a whole day for this.
      It is cheaper to make it than to buy it.
      Many of you have asked me how I do it.
      -
      Let me know how yours came out!
      Do not change the order.
      """),
  ]

  static let letterOpenings = [
    "I hope you are well. Here it has rained for three days.", "Thank you for your long letter and the socks.",
    "You asked me for news, so here it is.", "I am writing this by candle light.",
  ]
  static let letterClosings = [
    "Write soon, and kiss the children from me.", "I must stop now, the lamp is going out.",
    "Come and see us before winter.",
  ]
  static let diaryBeginnings = [
    "Talked with the neighbour.", "Read an old newspaper.", "Met two sailors at the harbour.",
    "At school we had a guest.",
    "Waited for the boat and listened to the others.", "My brother told me something new.",
    "Cleaned the house and found a note.",
    "Went to the library.", "An evening with friends.", "Grandmother talked all day.",
  ]
  /// Said by anybody, about nothing that can be asked.
  static let smallTalk = """
    Too tired to write more.
    Slept badly.
    Wind from the north.
    Bread and soup again.
    A good day.
    Mother laughed about it.
    I must remember this.
    Walked home in the dark.
    Went to bed late and could not sleep.
    My brother wants a new pen and a case for it.
    Somebody knocked at the door, but when I opened it there was nobody.
    The children have eaten all the apples.
    An old man sat under the tree and was asleep.
    I thought of you on the road today.
    We had no money for the ferry, so we walked.
    There is a new sign at the shop, and nobody knows what it means.
    It is true that I was wrong.
    I do not say that it will happen.
    She stepped into the boat and said goodbye.
    He showed me his card, and I knew who he was.
    Two cups fell from the table, and the chairs are broken too.
    The path is so narrow that you meet nobody.
    A worker came to help us and did not want money for it.
    My back is hurting, so somebody else walks the dog.
    I hoped for a letter, but none came.
    Nobody finds the key of the large cellar.
    She makes the same soup every day.
    We waited for an hour under a tree.
    Father drinks his tea cold.
    I want to get rid of the old bed.
    By whom was the window broken?
    What happens next, nobody knows.
    A walker asked me which road to choose.
    They let down the anchor and spoke with us.
    We must repair the roof before winter.
    The rivers flow fast after the rain.
    I got up early to see the boats.
    """.split(separator: "\n").map(String.init)
  static let comparisonOpenings = [
    "People often take one for the other.", "You asked us which is which.", "Two names, two things.",
    "My sister says they are the same. They are not.",
  ]
  static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
  static let replies = [
    "Easy.", "I looked it up.", "My teacher told us.", "As far as I know:", "That one I know.", "Read your books!",
    "Ask me another.",
  ]
  static let listTitles = [
    "things I learned this week", "things that nobody believes", "facts for a rainy day", "answers to your questions",
    "notes from my notebook",
  ]
  static let numbers = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"]
  static let quizTitles = [
    "Quiz night", "Questions for the winter evening", "School quiz", "Test yourself", "The great island quiz",
  ]
  static let lessonOpenings: [Relation: [String]] = [
    .water: ["Will it float? The class threw one thing after another into a tub of water."],
    .fire: ["Fire in the house is no game. So which things burn?", "We held each piece in a flame and watched."],
    .heat: ["A hot drink tells you much about the cup.", "Which cup would you take on a cold day?"],
    .force: ["We bent every rod until something happened.", "Be careful with what falls on the floor."],
    .rain: ["Rain is coming. What will you wear?", "We poured a glass of water over each piece."],
    .current: ["A battery, a lamp and two wires: that is all you need.", "Be careful when there is lightning."],
  ]
}
