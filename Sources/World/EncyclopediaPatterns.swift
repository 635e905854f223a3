/// How the articles of the encyclopedia speak: a list of patterns for each kind.
enum EncyclopediaPatterns {
  static let lists: [Kind: [Pattern]] = [
    .island: Pattern.list(island), .river: Pattern.list(river), .town: Pattern.list(town),
    .animal: Pattern.list(animal), .plant: Pattern.list(plant), .material: Pattern.list(material),
    .instrument: Pattern.list(instrument), .person: Pattern.list(person), .tool: Pattern.list(tool),
    .book: Pattern.list(book), .event: Pattern.list(event), .craft: Pattern.list(craft),
  ]

  private static let island = """
    ^ {S} is an island in {sea}.
    ^ {S} is an island [with a long coast|that sailors know well].
    ^ {S} is an island of {sea}, and its main town is {capital}.
    The island lies in {sea}.
    All its shores look out on {sea}.
    Seen from a mountain, {S} has the shape of {shape}.
    Old maps draw {S/o} as {shape}.
    {S's} capital is {capital}.
    Its council meets in {capital}, the capital.
    The outline of the island is that of {shape}, and it is ruled from {capital}.
    {S} lies in {sea}.
    Around {N} there is only {sea}.
    The capital of {N} is {capital}.
    ~ The [winters|summers] are [mild|short|long and dry].
    ~ Ferries cross to the other islands [twice a week|every morning|when the wind allows].
    ~ The coast is [rocky in the north|low and sandy|cut by many bays].
    ~ Most people live from fishing and trade.
    ~ Snow is rare, and it never stays.
    """

  private static let river = """
    ^ {S} is a river on {island}.
    ^ {S} is a river [that never runs dry|with clear water].
    ^ {S} is a river of {island} with a length of {course} miles.
    {S} crosses the island of {island}.
    It belongs to {island}.
    {S} rises in {source}.
    Its water comes from {source}.
    {S} flows into {mouth}.
    After its last bend it reaches {mouth}.
    It begins in {source} and ends in {mouth}.
    The river is {course} miles long.
    From end to end {S} measures {course} miles.
    The source of {N} is {source}.
    At its end {S} runs into {mouth}.
    The length of {N} is {course} miles.
    The island of {N} is {island}.
    ~ [Mills|Small boats|Fishing huts] are found along [both banks|the upper part|the lower part].
    ~ In [spring|autumn] the water is [high|brown|very cold].
    ~ A bridge of stone was built in the time of the old kings.
    ~ Eels are caught here [in autumn|at night].
    """

  private static let town = """
    ^ {S} is a town on {island}.
    ^ {S} is a town on the River {river}.
    ^ {S} is a town [with narrow streets|with a stone bridge|of wooden houses].
    ^ {S} is a town on the island of {island}, known for its {trade}.
    It lies on the island of {island}.
    {S} belongs to {island}.
    The town stands on the River {river}.
    The {river} flows through {S}.
    {S} was founded in {founded}.
    The first houses were built in {founded}.
    The founding of the town is dated to {founded}.
    It was founded in {founded} on the banks of the {river}.
    The town is known for its {trade}.
    Most families of {N} make or sell {trade}.
    Its main trade is {trade}.
    The town holds its feast in {feast}.
    Every {feast} a great feast fills the streets.
    The feast of {N} falls in {feast}.
    {S} lies on {island}.
    The river of {N} is the {river}.
    In {founded} the town of {name} was founded.
    People from {N} trade in {trade}.
    In {feast} the feast of {N} is held.
    ~ A [market|clock tower|stone well] stands in the middle of the town.
    ~ The old walls [were pulled down long ago|still stand].
    ~ Most houses are built of [wood|stone].
    ~ The town council has nine members.
    ~ There is a school, a library and an inn.
    ~ Ships come [twice a week|every day in summer].
    """

  private static let animal = """
    ^ {S} is a kind of {sort}.
    ^ {S} is {a coat} {sort}.
    ^ {S} is an animal [of the islands|that few people have seen].
    ^ {S} is a kind of {sort} that lives in {habitat}.
    ^ {S} is an animal of {habitat}.
    {S} belongs to a family of {sort+}.
    As a {sort}, {he} is related to all other {sort+}.
    {S} lives in {habitat}.
    Its home is in {habitat}.
    {S} is found in {habitat}.
    {Ss} are found only in {habitat}.
    {S} feeds on {food}.
    Its food is {food}.
    {Ss} eat {food} and little else.
    It lives in {habitat} and feeds on {food}.
    The colour of its back is {coat}.
    {S} is {coat} all over.
    {Ss} are {coat}, and the young are paler.
    {S} is active {active}.
    {Ss} leave their shelter {active}.
    It looks for {food} {active}.
    It keeps its young {nest}.
    The young are raised {nest}.
    {Ss} hide their young {nest}.
    In {habitat} lives {N}.
    Among the animals that eat {food} is {N}.
    Of the animals that are active {active}, one is {N}.
    Among the {coat} animals is {N}.
    One animal that keeps its young {nest} is {N}.
    Among the {sort+} is {N}.
    ~ [Its call is seldom heard|Little is known of its numbers|It is not shy of people].
    ~ {S} [was first described by a doctor|is common in some years and rare in others].
    ~ Children know it from an old song.
    ~ It is rarely kept in towns.
    ~ In winter it is [seldom seen|very quiet].
    ~ It can live for [six|nine|twelve] years.
    """

  private static let plant = """
    ^ {S} is a plant with {flower} flowers.
    ^ {S} is a plant of {ground}.
    ^ {S} is a [small|tall|low] plant.
    ^ {S} is a plant with {flower} flowers that gives {use}.
    {S} grows on {ground}.
    It needs {ground} to grow.
    {Ss} are found on {ground}.
    Its flowers are {flower}.
    The flower of {N} is {flower}.
    In {month} it opens its {flower} flowers.
    {S} blooms in {month}.
    It is in flower in {month}.
    {Ss} bloom every {month}.
    {S} is used for making {use}.
    From its leaves people make {use}.
    Its root gives {use}.
    It is grown for {use}.
    On {ground} grows {N}.
    Among the plants that bloom in {month} is {N}.
    One plant with {flower} flowers is {N}.
    One plant that gives {use} is {N}.
    ~ The leaves [are long and narrow|have a bitter taste|fall early in the year].
    ~ [Goats|Rabbits|Geese] leave it alone.
    ~ Its seeds are carried by the wind.
    ~ In dry years it is [rare|much smaller].
    ~ It is mentioned in the oldest books.
    """

  private static let material = """
    ^ {S} is {a colour} material from {origin}.
    ^ {S} is a material [used in many houses|that was once rare].
    ^ {S} is {a colour} material.
    ^ {S} is a material found near {origin}.
    {S} is {colour}.
    Its colour is {colour}.
    {S} comes from {origin}.
    It is dug from the ground near {origin}.
    The best {name} is sold in {origin}.
    Among the {colour} materials is {name}.
    From {origin} comes {name}.
    water=floats | {S} floats on water.
    water=floats | Because it is lighter than water, {name} floats.
    water=floats | A block of {name} stays on the surface of a lake.
    water=floats | Boats of {name} do not sink, since {he} floats.
    water=sinks | {S} sinks in water.
    water=sinks | Because it is heavier than water, {name} sinks.
    water=sinks | A block of {name} goes to the bottom of a lake.
    water=sinks | Anchors of {name} hold well, since {he} sinks.
    fire=burns | {S} burns easily.
    fire=burns | Held in a flame, {name} catches fire.
    fire=burns | A house of {name} is in danger, because {he} burns.
    fire=burns | It is used as fuel, for {name} burns well.
    fire=resists | {S} does not burn.
    fire=resists | Held in a flame, {name} stays as it was.
    fire=resists | A house of {name} is safe from fire, because {he} does not burn.
    fire=resists | Stoves are lined with {name}, for {he} does not burn.
    heat=holds | {S} keeps heat in.
    heat=holds | Heat does not pass through {name}.
    heat=holds | A cup of {name} keeps tea warm for hours.
    heat=holds | Because {name} keeps heat in, handles are made of {him}.
    heat=passes | {S} lets heat through.
    heat=passes | Heat passes quickly through {name}.
    heat=passes | Tea in a cup of {name} is soon cold.
    heat=passes | Because {name} lets heat through, kettles are made of {him}.
    force=bends | {S} bends without breaking.
    force=bends | Under a heavy load a rod of {name} bends.
    force=bends | When {he} is dropped, {name} does not break.
    force=breaks | {S} breaks when it is bent.
    force=breaks | Under a heavy load a rod of {name} breaks.
    force=breaks | When {he} is dropped, {name} breaks into pieces.
    rain=sheds | {S} keeps rain out.
    rain=sheds | Water runs off {name}.
    rain=sheds | Roofs are covered with {name}, since {he} keeps rain out.
    rain=soaks | {S} soaks up water.
    rain=soaks | Water goes into {name} as into a sponge.
    rain=soaks | A roof of {name} is soon wet, since {he} soaks up water.
    current=carries | {S} carries an electric current.
    current=carries | Through a wire of {name} a current flows.
    current=carries | Lightning runs down a pole of {name}, because {he} carries a current.
    current=stops | {S} stops an electric current.
    current=stops | Through a wire of {name} no current flows.
    current=stops | Gloves of {name} protect against lightning, because {he} stops a current.
    water=floats fire=burns | {S} floats on water and burns in a flame.
    water=sinks fire=resists | {S} sinks in water and does not burn.
    heat=holds rain=sheds | {S} keeps heat in and rain out.
    water=floats | Among the materials that float is {name}.
    water=sinks | Among the materials that sink is {name}.
    fire=burns | Among the materials that burn is {name}.
    fire=resists | Among the materials that do not burn is {name}.
    heat=holds | Among the materials that keep heat in is {name}.
    heat=passes | Among the materials that let heat through is {name}.
    force=bends | Among the materials that bend is {name}.
    force=breaks | Among the materials that break is {name}.
    rain=sheds | Among the materials that keep rain out is {name}.
    rain=soaks | Among the materials that soak up water is {name}.
    current=carries | Among the materials that carry a current is {name}.
    current=stops | Among the materials that stop a current is {name}.
    ~ [Traders|Builders|Children] have many [names|uses] for it.
    ~ Its price [rises in winter|has not changed for years].
    ~ It is sold by weight.
    ~ Old people say that it brings luck.
    ~ A law forbids its export.
    """

  private static let instrument = """
    ^ {S} is a kind of {family}.
    ^ {S} is an instrument from {home}.
    ^ {S} is an instrument [played at weddings|of the islands|older than the harp].
    ^ {S} is a {family} from {home}, made of {body}.
    Among instruments it counts as a {family}.
    {Ss} belong to the family of the {family}.
    The body of {N} is made of {body}.
    It is built of {body}.
    Good {name} makers use only {body}.
    {S} was first made in {home}.
    It comes from {home}.
    Its sound is {sound}.
    {S} has a {sound} sound.
    {Ss} are loved for their {sound} sound.
    Among the instruments of {home} is {N}.
    One kind of {family} is {N}.
    An instrument made of {body} is {N}.
    ~ It is held [on the knees|under the arm|with both hands].
    ~ [Beginners need a year to learn it|It is often heard in taverns].
    ~ Few masters are left who can build it.
    ~ It is carried in a bag of leather.
    ~ Songs for it were collected long ago.
    """

  private static let person = """
    ^ {S} (born {year}) was {a work} from {born}.
    ^ {S} was {a work}.
    ^ {S} was {a work} who lived in {lives}.
    ^ {S} (born in {born}) was {a work}.
    ^ {S} was a [native|child] of {born} who worked as {a work}.
    ^ {S} is [remembered in several songs|mentioned in old letters|known from the registers of the town].
    {S} was born in {born}.
    {S} was a native of {born}.
    {S's} birthplace was {born}.
    {S} came into the world in {born}.
    {S} was born in {year}.
    The year of {his} birth was {year}.
    {S} was born in {born} in {year}.
    In {year} {S} was born in {born}.
    {S} worked as {a work}.
    {S's} trade was that of {a work}.
    {S} earned a living as {a work}.
    {S} {work!}, for {he} was {a work}.
    Being {a work}, {S} {work!}.
    {S} was taught by {teacher}.
    {S} was a pupil of {teacher}.
    {S's} teacher was {teacher}.
    {S} learned the trade of {a work} from {teacher}.
    {S} lived in {lives}.
    {S} settled in {lives}.
    {S's} house stood in {lives}.
    {S} moved from {born} to {lives}.
    As {a work}, {S} lived in {lives}.
    {S} played the {plays}.
    {S's} instrument was the {plays}.
    {S} was a good player of the {plays}.
    {S} kept {a keeps}.
    {S} had a tame {keeps}.
    {S} shared the house with {a keeps}.
    {S} kept {a keeps} and played the {plays}.
    {year} was the year in which {S} was born.
    ~ Of {his} parents nothing is known.
    ~ {S} [never married|had three children|travelled little|wrote many letters].
    ~ A street [near the market|behind the church] is named after {him}.
    ~ {S} was known for {his} patience.
    ~ A portrait of {him} hangs in the council hall.
    ~ {S} was fond of long walks.
    ~ Of {his} letters only a few are left.
    ~ Later writers praised {him}.
    """

  private static let tool = """
    ^ {S} is a tool made to {task}.
    ^ {S} is a tool invented by {inventor}.
    ^ {S} is a tool [found in every workshop|of simple form|with a short handle].
    ^ {S} is a tool of {made}, made to {task}.
    {S} serves to {task}.
    With it people {task}.
    Workers use {S/o} to {task}.
    To {task} one needs {S/o}.
    A tool of {made} is {N}.
    Among the inventions of {inventor} is {N}.
    It is made of {made}.
    The blade and handle are of {made}.
    {S} was invented by {inventor}.
    Its inventor was {inventor}.
    {S} was invented in {appeared}.
    It was first shown in {appeared}.
    In {appeared} {inventor} invented {S/o}.
    {Ss} are made of {made}.
    {S} has been known since {appeared}.
    ~ [It weighs less than a loaf of bread|It is sold in three sizes|It is easily repaired].
    ~ The handle is turned by hand.
    ~ Copies are made in many towns.
    ~ Before that the work took a whole day.
    """

  private static let book = """
    ^ {S} is a book about {about}.
    ^ {S} is a book by {author}.
    ^ {S} is a [short|thick|well known] book.
    ^ {S} is a book about {about} by {author}, printed in {appeared}.
    Its author is {author}.
    {S} was written by {author}.
    {author} wrote {S/o}.
    The subject of the book is {about}.
    It tells of {about}.
    {S} deals with {about}.
    Among the books about {about} is {N}.
    {S} was first printed in {appeared}.
    It appeared in {appeared}.
    {author} finished it in {appeared}.
    The first copies of {N} appeared in {appeared}.
    ~ [Only a few copies are left|It has been printed many times|The first copies were bound in blue cloth].
    ~ Critics did not like it at first.
    ~ It is read in schools.
    ~ It has nine chapters and a map.
    ~ A second part was planned but never written.
    """

  private static let event = """
    ^ {S} took place in {place} in {happened}.
    ^ {S} was an event in {place}.
    ^ {S} [is still spoken of|is the subject of many songs].
    {S} happened in {happened}.
    The year of {N} was {happened}.
    It took place in {happened}.
    {S} took place in {place}.
    It happened in the town of {place}.
    {S} was caused by {cause}.
    The cause of it was {cause}.
    It came about because of {cause}.
    {S} was led by {leader}.
    In those days the people followed {leader}.
    {leader} took the lead.
    In {happened} came {N}.
    The people of {place} lived through {N}.
    The reason for {N} was {cause}.
    {leader} led the people during {N}.
    ~ It lasted [nine days|two weeks|from morning till night].
    ~ [No one was hurt|Many houses stood empty afterwards|Even the judges came].
    ~ The town paid for the damage for many years.
    ~ A stone in the market square recalls it.
    ~ Letters from that time describe the day.
    ~ Later it became the subject of a play.
    """

  private static let craft = """
    ^ {S} is made in {maker}.
    ^ {S} [is made in six steps|is known on all the islands|takes a day of work].
    {S} comes from {maker}.
    The makers of {N} live in {maker}.
    ~ The work is [taught from mother to daughter|done in winter|done before noon].
    ~ Apprentices need three years to learn it.
    ~ It is sold at the winter market.
    ~ The rule is written in an old book.
    """
}
