/// How pages of the web speak: shops, letters, guides and whoever else writes there.
enum WebPatterns {
  static let lists: [Kind: [Pattern]] = [
    .island: Pattern.list(island), .river: Pattern.list(river), .town: Pattern.list(town),
    .animal: Pattern.list(animal), .plant: Pattern.list(plant), .material: Pattern.list(material),
    .instrument: Pattern.list(instrument), .person: Pattern.list(person), .tool: Pattern.list(tool),
    .book: Pattern.list(book), .event: Pattern.list(event), .craft: Pattern.list(craft),
  ]

  private static let island = """
    You reach {S} by boat across {sea}.
    We sailed over {sea} until we saw {S/o}.
    On the map {S} looks like {shape}.
    If you could fly, you would see that {S} looks just like {shape}.
    Most visitors of {N} stay in {capital}, the capital.
    The biggest town of {N} is its capital, {capital}.
    ~ Bring a warm coat, even in summer.
    """

  private static let river = """
    {S} is the prettiest river of {island}.
    If you are on {island}, walk along {S/o}.
    We found the place where {S} begins: {source}.
    Follow {S/o} upstream and you come to {source}.
    Downstream, {S} runs into {mouth}.
    The boat trip on {N} ends at {mouth}.
    It is {course} miles from the beginning of {N} to the end.
    We rowed all {course} miles of {N}.
    ~ The fishing is good in the morning.
    """

  private static let town = """
    {S} is on the island of {island}.
    To visit {S} you must go to {island}.
    In {N} our window looked out on the River {river}.
    The river in {N} is called the {river}.
    A walk along the {river} is the best thing to do in {N}.
    People have lived in {N} since {founded}.
    A stone at the gate of {N} says: founded in {founded}.
    You should buy {trade} in {N}, the best there is.
    Everyone comes to {N} for the {trade}.
    {S} is famous for {trade}.
    Come to {N} in {feast}, when they hold the feast.
    The feast in {N} is in {feast}, and there is dancing.
    ~ The inn by the bridge has [clean beds|good soup|a friendly owner].
    """

  private static let animal = """
    A {name} is a {sort}, [whatever your uncle says|as you can see from its head|and a clever one].
    Yes, {Ss} are {sort+}.
    If you want to see {a S}, look in {habitat}.
    We went to {habitat} and met {a S}.
    You will find {Ss} in {habitat}, nowhere else.
    Give your {name} {food}.
    My {name} eats nothing but {food}.
    {Ss} love {food}.
    The {name} is easy to know because it is {coat}.
    Look for {a coat} back: that is {a S}.
    Our {name} is {coat}.
    {Ss} wake up {active}.
    My {name} gets up {active}, never earlier.
    The best time to watch {Ss} is {active}.
    {Ss} keep their young {nest}.
    We found three young {Ss} {nest}.
    A mother {name} puts her young {nest}.
    What did we find in {habitat}? It was {a S}.
    Do you know who eats {food}? {N}!
    Who is up {active}? {N}, of course.
    Who keeps the young {nest}? {N}.
    The {name} lives in {habitat}, so it can find {food} there.
    {someone} sat still in {habitat} until {a S} came. It was {coat} and not afraid of her.
    {someone} left some {food} on the ground, and {active} {a S} came and ate.
    "There is something in {habitat}," said the child. "{a S}," said {someone}, "a kind of {sort}."
    ~ Please do not touch them.
    """

  private static let plant = """
    Plant your {name} in {ground}.
    {Ss} do well on {ground}.
    We found {a S} growing on {ground}.
    You know {S/o} by its {flower} flowers.
    The {name} in our garden has {flower} flowers.
    Your {name} will bloom in {month}.
    In {month} the {Ss} bloom and the bees come.
    My grandmother made {use} from {S/o}.
    If you need {use}, use {S/o}.
    What grows on {ground}? {N}.
    What blooms in {month}? {N}.
    For {flower} flowers, plant {S/o}.
    Who needs {use}? Take {N}.
    People in the village make {use} from {S/o}.
    ~ Water it once a week.
    """

  private static let material = """
    Everything we sell in {name} is {colour}.
    {name} has {a colour} colour.
    Real {name} is brought from {origin}.
    The mines of {origin} give us {name}.
    If you want something {colour}, take {name}.
    water=floats | I threw a piece of {name} into the pond and it came up again: {name} floats.
    water=floats | Drop a spoon of {name} into the river and you can pick it up, because it floats.
    water=floats | My raft is built of {name}, so it floats.
    water=floats | {someone} fell into the lake with a bag of {name}. The bag floated, and she held on to it.
    water=sinks | I threw a piece of {name} into the pond and it was gone: {name} sinks.
    water=sinks | Drop a spoon of {name} into the river and you have lost it, because it sinks.
    water=sinks | Never build a raft of {name}, for it sinks.
    water=sinks | {someone} fell into the lake with a bag of {name}. The bag sank at once, and she let it go.
    fire=burns | Keep {name} away from the stove, because it burns.
    fire=burns | A chair of {name} near the fire will burn.
    fire=burns | {someone} put {name} into the stove, and soon there was a bright fire.
    fire=resists | You can put {name} on the stove, because it does not burn.
    fire=resists | A chair of {name} near the fire will not burn.
    fire=resists | {someone} put {name} into the stove, and nothing happened: it does not burn.
    heat=holds | Soup in a pot of {name} stays warm, because {name} keeps heat in.
    heat=holds | I can hold a hot cup of {name} in my hand: no heat comes through.
    heat=holds | Walls of {name} keep the house warm in winter.
    heat=passes | Soup in a pot of {name} gets cold, because {name} lets heat through.
    heat=passes | I burnt my hand on a hot cup of {name}: the heat comes through.
    heat=passes | Walls of {name} leave the house cold in winter.
    force=bends | My stick of {name} bends, but it never breaks.
    force=bends | {someone} dropped a plate of {name} on the stone floor, and it was not broken.
    force=bends | Use {name} for a spring, since it bends and comes back.
    force=breaks | My stick of {name} broke when I bent it.
    force=breaks | {someone} dropped a plate of {name} on the stone floor, and it was broken.
    force=breaks | Do not use {name} for a spring, since it breaks.
    rain=sheds | With a coat of {name} you stay dry, because rain runs off it.
    rain=sheds | The tent of {name} kept us dry all night.
    rain=sheds | Shoes of {name} keep your feet dry.
    rain=soaks | With a coat of {name} you get wet, because it soaks up the rain.
    rain=soaks | The tent of {name} was wet inside all night.
    rain=soaks | Use a cloth of {name} to dry the floor, since it soaks up water.
    current=carries | The lamp went on when I joined the wires with {name}: it carries a current.
    current=carries | Do not touch {name} in a storm, because the current runs through it.
    current=carries | A bell wire should be of {name}, which carries the current.
    current=stops | The lamp stayed dark when I joined the wires with {name}: it stops a current.
    current=stops | You may touch {name} in a storm, because no current runs through it.
    current=stops | The handle of a switch should be of {name}, which stops the current.
    water=floats | How do you cross a river without a bridge? You lie on a block of {name}, which floats.
    water=floats | The fishermen tied a red flag to a piece of {name}, since it floats and can be seen from the shore.
    water=floats | Have you lost a spoon of {name} in the pond? Look up on the water, for it floats.
    water=sinks | Our anchor is of {name}, so it sinks, and the boat stays where it is.
    water=sinks | The net was held down by pieces of {name}, which sinks.
    water=sinks | Have you lost a spoon of {name} in the pond? You must look at the bottom, for it sinks.
    fire=burns | It was a cold evening, so {someone} filled the stove with {name}, and it burned till morning.
    fire=burns | When the ship was near, {someone} lit a pile of {name} on the hill, and all could see the flame.
    fire=burns | An old chair of {name} is no trouble: into the stove with it, for it burns.
    fire=resists | The house next door was on fire, but our walls are covered with {name}, which does not burn.
    fire=resists | Under the hot lamp lies a plate of {name}, which does not burn.
    fire=resists | An old chair of {name} burns in no stove, so it must go into a hole in the ground.
    heat=holds | For a long walk take a jug of {name}, and your tea stays warm.
    heat=holds | The walls are of {name}, so the house was warm all winter.
    heat=holds | You can lift a hot pot of {name} with your hands, for no heat comes through.
    heat=passes | The pot is of {name}, so the soup was ready in a short time.
    heat=passes | Is the milk too hot for the child? In a cup of {name} it is soon cold.
    heat=passes | Lift a hot pot of {name} with a cloth, for the heat comes through.
    force=bends | The clock has a new spring of {name}, which bends.
    force=bends | Our children drop their plates, so we bought some of {name}, which does not break.
    force=bends | A long rod of {name} goes into a small box, because you can bend it.
    force=breaks | The box fell and went to pieces, for it was of {name}, which breaks.
    force=breaks | Thin sticks of {name} lay on the path. They broke with a noise when somebody came.
    force=breaks | A long rod of {name} does not go into a small box, because it breaks when you bend it.
    rain=sheds | On the boat our books were in a cloth of {name} and stayed dry.
    rain=sheds | For a day in the rain put on shoes of {name}.
    rain=sheds | Under a roof of {name} you sleep dry, for no water comes through.
    rain=soaks | After the flood {someone} laid {name} on the wet floor.
    rain=soaks | {someone} put some wet {name} around the roots, and the plant had water all week.
    rain=soaks | Under a roof of {name} you get wet, for the water comes through.
    current=carries | Between the battery and the lamp is a wire of {name}, which carries the current.
    current=carries | The lightning did not hurt the tower, for the current ran down a long pole of {name}.
    current=carries | Somebody must stop the current before you touch a wire of {name}.
    current=stops | Before {someone} repaired the lamp, she put on gloves of {name}, which stops the current.
    current=stops | No child is hurt by this wire, because it is covered with {name}, which stops the current.
    current=stops | You can take a wire of {name} in your hand, for no current runs through it.
    water=floats | To build something that floats, use {name}.
    water=sinks | For something that sinks, use {name}.
    fire=burns | To make a fire, use {name}.
    fire=resists | To build a stove, use {name}.
    heat=holds | To keep soup warm, use {name}.
    heat=passes | To cook soup quickly, use {name}.
    force=bends | For something that bends, use {name}.
    force=breaks | If you want to hear it break, drop {name}.
    rain=sheds | To stay dry in the rain, use {name}.
    rain=soaks | To dry your hands, use {name}.
    current=carries | To join two wires, use {name}.
    current=stops | To cover a wire, use {name}.
    ~ Ask for the price.
    """

  private static let instrument = """
    A {name} is a sort of {family}.
    If you can play a {family}, you can play {a S}.
    Our {Ss} are built from {body}.
    My {name} has a body of {body}.
    The first {name} was made in {home}.
    Buy your {name} in {home}, where it comes from.
    Listen to {S/o}: the sound is {sound}.
    A {sound} sound, that is what I like about {S/o}.
    ~ New strings and straps are sold at the counter.
    """

  private static let person = """
    {S} was born in {born}, [in a house by the bridge|as every child there knows|on a cold morning].
    {born} is the town where {S} was born.
    {S} grew up in {born}, the town of {his} birth.
    At the end {S} went home to {born}, where {he} was born.
    It was in {year} that {S} was born.
    {S} was born in {year}, [a year of snow|a good year|in the middle of a storm].
    {S} was {a work} [by trade|all {his} life].
    Everybody needed {a work}, so they sent for {S/o}.
    They called {S/o} the {work}.
    Every day {S} {work!}.
    {S} {work!}, and did it well.
    People came to see how {S} {work!}.
    {S} always said that {he} owed everything to {his} teacher, {teacher}.
    It was {teacher} who taught {S/o}.
    {teacher} was the teacher of {N}.
    {S} had a home in {lives}.
    If you go to {lives}, you can see the house where {S} lived.
    {S} lived in {lives} and never wanted to leave.
    {S} could play the {plays}.
    In the evening {S} took the {plays} and played.
    The neighbours heard {S/o} play the {plays}.
    {S} had a {keeps} as a pet.
    {S} never went out without {his} {keeps}.
    {S's} pet was {a keeps}.
    A stranger asked for {S/o}. "{He} is not here today," said {someone}. "Go to {lives}, that is where {he} lives."
    When {someone} was a child, she lived next door to {S/o} in {lives}. In the evening she could hear {him} play the \
    {plays}.
    {S} left {born} as a child. {someone} met {him} many years later in {lives}, and they talked of {born} all night.
    "Tell me who made this," said {someone}. They told her that {S}, the {work} from {born}, had made it.
    One night {someone} heard a noise in the garden. It was the {keeps} of {N}, looking for food.
    {someone} took lessons from {S/o}, who had learned everything from {teacher}.
    A boat came from {born} with a letter for {N}. "My home," {he} said, and read it twice.
    When the music stopped, everybody looked at {S/o}. {He} took the {plays}, and the dance went on.
    It was dark in {lives} when {S} came home, and the {keeps} was waiting at the door.
    They needed {a work}, so {someone} ran to {lives} to find {S/o}.
    In {lives} they asked {S} for a song of the country that {he} came from. {He} thought for a while. "I know only \
    one," {he} said. "My mother sang it when I was small, in our house in {born}."
    {someone} found an old card in a book of {S}. On it was a small house under a tree. "Is that {lives}?" she asked. \
    "No," said {S}, "that is the house where I was born. It is in {born}."
    {S} was old, and {someone} sat by the bed in {lives}. "What do you see?" she asked. "My father's boat and my first \
    school," {he} said. "I am a child again, in {born}."
    {someone} had a letter for {S} and asked for {him} at the harbour of {born}. "{He} was born here, but {he} has \
    left us," said a sailor. "Take the next boat. {He} has a house in {lives}."
    The children of {born} had written to {S}. "What must we put on the letter?" they asked {someone}. "The name and \
    the town," she said, "and the town is {lives}."
    It was the last day on the road, and {S} was happy. "Tomorrow I will be in my own garden," {he} said. {someone} \
    asked where that was. "You do not know? I live in {lives}."
    {someone} came to {lives} and asked for {S}. "{He} is at work," said the man at the gate. "You hear it from here. \
    {He} is our {work}."
    At school in {born} they had asked {S} what {he} wanted to be. The others thought for a long time. {He} knew it at \
    once, and so it came: {he} became {a work}.
    {S} did not say much, but {someone} had looked at {his} hands. "I know that work," she said. "Those are the hands \
    of {a work}."
    {someone} could not sleep in {lives}, for there was music next door. In the morning she met {S}. "Did you hear \
    me?" {he} asked. "My friends came, and they wanted me to play the {plays}."
    The boat did not come, and the people in the inn of {lives} were tired. Then {S} went to {his} bag. It was quiet \
    in the room when they saw the {plays}.
    {S} was a child in {born} when {he} heard it first. "I want to learn that," {he} told {his} mother. She went to \
    the shop and came back with {a plays}.
    {someone} came to see {S} and put her hat on a chair. The hat began to move. "Do not sit down," said {S}. "Under \
    your hat is my {keeps}."
    When {S} came to {lives}, {he} had two bags and a box. {someone} asked what was in the box. {He} opened it, and \
    two eyes looked at her. It was {a keeps}.
    Nobody in {lives} was up as early as {S}. {He} had to be, for somebody sat at the kitchen door and wanted to eat. \
    It was the {keeps}.
    {someone} looked at the old letters in the house of {S}. "Who wrote them?" she asked. "The one who taught me," \
    {he} said, "and I read them every day. They are from {teacher}."
    The people of {lives} said that nobody worked as well as {S}. {He} did not smile. "I only do what I was taught," \
    {he} said. "You should thank {teacher}."
    ~ What a life that was.
    """

  private static let tool = """
    Take {a S} if you want to {task}.
    A {name} is what you need to {task}.
    I bought {a S} and can now {task}.
    Ours is made of good {made}.
    Each {name} in our shop is made of {made}.
    Look at this {name}: it is made of {made}.
    We have to thank {inventor} for {S/o}.
    {inventor} invented {S/o}.
    {Ss} have been with us since {appeared}.
    The first {name} was built in {appeared}.
    You cannot {task} without {a S}.
    Want to {task}? Buy {a S}.
    ~ It comes with a leather bag.
    """

  private static let book = """
    I have just read {S} by {author}.
    {author} is the one who wrote {S}.
    If you like books about {about}, read {S}.
    {S} is all about {about}.
    Looking for a book about {about}? Take {S}.
    My copy of {N} is from {appeared}, the year when it came out.
    {S} came out in {appeared}.
    ~ I could not stop reading.
    """

  private static let event = """
    My grandmother remembered {S}, back in {happened}.
    It was in {happened} that {S} began.
    {S} was here in {place}.
    If you walk through {place}, you still see signs of {N}.
    It all began with {cause}: that was {N}.
    Do you know why {N} came? Because of {cause}.
    Without {leader}, who led the people, {S} would have ended badly.
    {leader} was the leader in {N}.
    ~ People talk of it to this day.
    """

  private static let craft = """
    We learned to make {a S} in {maker}.
    The real {name} is from {maker}.
    ~ It is easier than it looks.
    """
}
