/// The ordinary words that facts are made of, a list for each relation whose value is a word.
enum Vocabulary {
  private static func phrases(_ text: String) -> [String] {
    text.split(separator: "\n").flatMap { $0.split(separator: ",") }.map { phrase in
      String(phrase.drop { $0 == " " })
    }
  }

  static let months = phrases(
    "January, February, March, April, May, June, July, August, September, October, November, December")
  static let colours = phrases("red, white, blue, yellow, green, black, grey, brown, orange, purple")

  static let seas = phrases(
    "the Grey Sea, the Amber Sea, the Quiet Sea, the Northern Sea, the Broken Sea, the Silver Sea")
  static let shapes = phrases("a ring, a hook, a boot, a leaf, a half moon, an open hand, a horseshoe, a fish")
  static let sources = phrases(
    """
    a cold spring, a mountain lake, a field of snow, a dark cave, a peat moor, a pine forest, two small ponds,
    a ring of hills
    """)
  static let mouths = phrases(
    "a wide bay, a salt lagoon, a stony beach, a marsh full of birds, a deep harbour, a lake without an outlet")
  static let trades = phrases(
    "salt, wool, glass, cheese, paper, rope, apples, honey, tiles, bells, boots, candles, ink, lace, barrels, knives")

  static let sorts = phrases("bird, lizard, frog, beetle, snail, mouse, snake, bat, moth, spider")
  static let habitats = phrases(
    """
    salt marshes, pine woods, dry hills, deep caves, tall grass, old orchards, hollow trees, thorn hedges, wet meadows,
    reed beds, ruined walls, warm dunes
    """)
  static let foods = phrases(
    """
    seeds, moss, worms, berries, small flies, roots, fallen fruit, bark, eggs, mushrooms, honey, green leaves, ants,
    acorns, nettles, petals
    """)
  static let times = phrases("at night, at dawn, at noon, at dusk")
  static let nests = phrases(
    """
    under flat stones, between roots, in a nest of mud, in a nest of straw, in soft sand, under dead leaves,
    in a ring of shells, behind loose bark, in a hole in the ground, in old boots
    """)

  static let grounds = phrases(
    """
    sandy soil, wet clay, cold gravel, black peat, chalk slopes, shady banks, old walls, ploughed fields, river mud,
    burnt ground, mountain ledges, orchard grass
    """)
  static let plantUses = phrases(
    """
    blue dye, cough tea, burn cream, soap, lamp oil, yellow paint, glue, toothache drops, perfume, ink, bread spice,
    candles, rope, sleeping drink, fish bait, paper
    """)

  static let families = phrases("harp, flute, drum, horn, fiddle, bell")
  static let sounds = phrases("soft, bright, deep, sharp, sad, warm, hollow, sweet")

  static let topics = phrases(
    """
    bees, the sea, old bridges, winter, a lost brother, the art of bread, the stars, two sisters, salt, a long war,
    wild gardens, clocks, a stolen bell, the moon, ghosts, mountain roads, kings, a broken promise, fishing, dreams,
    maps,
    snow, a blind horse, weaving
    """)
  static let titleQualities = phrases(
    """
    Silent, Golden, Broken, Hidden, Empty, Distant, Burning, Frozen, Crooked, Gentle, Hollow, Lonely, Painted, Sleeping,
    Wandering, Narrow, Patient, Seventh, Bitter, Second
    """)
  static let titleNouns = phrases(
    """
    Harbour, Orchard, Lantern, Winter, Garden, Mirror, Staircase, Window, Shepherd, Letter, Bridge, Island, Candle,
    Crown,
    Mountain, Stranger, Market, Key, Forest, Wedding
    """)

  static let tasks = phrases(
    """
    peel bark, cut glass, comb wool, crack nuts, lift stones, open barrels, bend wire, sharpen knives, dig wells,
    pull nails, split logs, measure grain, press cheese, stretch leather, roll dough, drill holes, smooth planks,
    pick apples, clean chimneys, twist rope, punch paper, weigh salt, catch eels, trim hedges, grind paint, fold cloth,
    draw circles, polish tiles, mend nets, scrape pots
    """)

  /// What kinds of event there are, and why they happen.
  static let events: [(noun: String, causes: [String])] = [
    ("Flood", phrases("three weeks of rain, a broken dam, melting snow, a high tide")),
    ("Fire", phrases("a fallen lamp, a stroke of lightning, a spark from a forge, a pile of dry straw")),
    ("Strike", phrases("low wages, long hours, bad bread, a tax on salt")),
    ("Siege", phrases("a stolen bell, a tax on wool, a broken treaty, a quarrel over a bridge")),
    ("Fair", phrases("a royal wedding, a good harvest, the birth of twins, the end of a war")),
  ]
}
