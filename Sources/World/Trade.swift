/// A way of making things: what is made, and what the maker may do at each of six steps. Any choice of steps makes
/// sense, so that only the world tells which a certain product takes.
struct Trade: Sendable {
  /// The article where the product is one thing, "a basket"; none for what is measured, as bread is.
  let products: [(noun: String, isCounted: Bool)]
  /// For each step what may be done, in the plain form of the verb.
  let steps: [[String]]

  private init(products: [(String, Bool)], steps: String) {
    self.products = products.map { (noun: $0.0, isCounted: $0.1) }
    self.steps = steps.split(separator: "\n").map { line in
      line.split(separator: ",").map { String($0.drop { $0 == " " }) }
    }
    precondition(self.steps.count == Relation.steps.count)
  }

  static let all = [
    Trade(
      products: [("bread", false), ("cake", true), ("pie", true), ("biscuit", true), ("bun", true)],
      steps: """
        mix the flour with warm milk, mix the flour with honey, mix the flour with cold water, mix the flour with \
        butter, mix the flour with sour cream, mix the flour with apple juice
        knead the dough on a stone table, fold the dough three times, beat the dough with a stick, roll the dough \
        very thin, press the dough into a ring, cut the dough into strips
        leave it in a cool cellar, cover it with a wet cloth, set it by the window, bury it in warm sand, wrap it in \
        green leaves, put it under a clay bowl
        bake it on hot stones, bake it in a clay oven, fry it in oil, steam it over a kettle, toast it on a fork, \
        boil it in salt water
        brush it with egg, sprinkle it with seeds, dust it with sugar, rub it with garlic, pour syrup over it, spread \
        jam on it
        serve it with cheese, eat it with soup, sell it at the market, keep it in a tin, give it to the neighbours, \
        hang it from the roof
        """),
    Trade(
      products: [("basket", true), ("chair", true), ("fence", true), ("cradle", true), ("boat", true), ("mat", true)],
      steps: """
        gather willow twigs, gather river reeds, gather birch bark, gather long grass, gather vine stems, gather \
        hazel sticks
        soak them in salt water, dry them in the wind, boil them in a copper pot, lay them in the snow, smoke them \
        over a fire, peel them with a knife
        split them in two, tie them in bundles, rub them with wax, press them under a board, comb them with a brush, \
        twist them into cords
        weave the bottom first, bend a frame of wood, set up four posts, wind them around a block, knot them into a \
        net, sew them with thread
        trim the edges with scissors, burn the ends with a candle, hammer the sides flat, fold the rim inward, stuff \
        the gaps with moss, paint the handle
        hang it in a barn, test it with stones, carry it to the river, rub it with oil, mark it with a stamp, fill it \
        with straw
        """),
    Trade(
      products: [("bowl", true), ("lamp", true), ("tile", true), ("jug", true), ("oven", true)],
      steps: """
        dig clay from the river, dig clay from the hill, buy clay from a trader, scrape clay from a cave, collect \
        clay after rain, take clay from a well
        wash it in a barrel, mix it with sand, freeze it for a week, pound it with a hammer, strain it through linen, \
        mix it with ashes
        turn it on a wheel, press it into a mould, roll it into coils, shape it around a stone, pinch it with two \
        fingers, slap it on a board
        dry it in the shade, dry it on the roof, dry it beside the stove, dry it under straw, dry it in a tower, dry \
        it among hay
        fire it with oak wood, fire it with peat, fire it with dry dung, fire it with pine cones, fire it in a pit, \
        fire it for three days
        glaze it with salt, polish it with a bone, coat it with wax, paint a bird on it, cool it in milk, scratch a \
        star into it
        """),
    Trade(
      products: [("cloth", false), ("scarf", true), ("blanket", true), ("coat", true)],
      steps: """
        shear a black sheep, shear a white goat, comb an old dog, pick cotton in the valley, collect silk from moths, \
        cut flax at dawn
        wash the thread in a stream, boil the thread with onions, bleach the thread in the sun, soak the thread in \
        vinegar, dip the thread in indigo, rinse the thread with rain water
        spin it on a small wheel, spin it by hand, wind it on a bobbin, pull it through a ring, double it twice, \
        stretch it between trees
        weave it on a tall loom, weave it on a floor loom, knit it with bone needles, knot it on a frame, braid it in \
        fours, felt it with hot water
        beat it with sticks, brush it with thistles, iron it with a hot stone, steam it in a tent, trample it in a \
        tub, hang it in the smoke
        sew buttons on it, stitch a red border, fold it with lavender, line it with fur, cut a hood for it, tie a \
        ribbon around it
        """),
  ]
}
