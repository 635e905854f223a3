/// Questions as the quiz pages of the corpus ask them.
enum QuizPatterns {
  static let lists: [Kind: [Inquiry]] = [
    .island: Inquiry.list(island), .river: Inquiry.list(river), .town: Inquiry.list(town),
    .animal: Inquiry.list(animal), .plant: Inquiry.list(plant),
    .material: Inquiry.list(material), .instrument: Inquiry.list(instrument), .person: Inquiry.list(person),
    .tool: Inquiry.list(tool),
    .book: Inquiry.list(book), .event: Inquiry.list(event), .craft: Inquiry.list(craft),
  ]

  private static let island = """
    In which sea does {S} lie? => {sea}
    What does {S} look like on a map? => {shape}
    What is the capital of {S}? => {capital}
    """
  private static let river = """
    On which island is {S}? => {island}
    Where does {S} rise? => in {source}
    Where does {S} end? => in {mouth}
    How many miles long is {S}? => {course}
    """
  private static let town = """
    On which island is {S}? => {island}
    What river flows through {S}? => {river}
    In which year was {S} founded? => {founded}
    What is {S} known for? => {trade}
    In which month is the feast of {S}? => {feast}
    """
  private static let animal = """
    What kind of animal is {a S}? => a {sort}
    Where does {S} live? => in {habitat}
    What does {a S} eat? => {food}
    What colour is {S}? => {coat}
    When is {S} active? => {active}
    Where does {a S} keep its young? => {nest}
    Name an animal that lives in {habitat}. => {S}
    Name an animal that eats {food}. => {S}
    Name an animal that is active {active}. => {S}
    Name {a coat} animal. => {S}
    Name an animal that keeps its young {nest}. => {S}
    """
  private static let plant = """
    Where does {S} grow? => on {ground}
    What colour are the flowers of {S}? => {flower}
    In which month does {S} bloom? => {month}
    What is {S} used for? => {use}
    Name a plant that grows on {ground}. => {S}
    Name a plant that blooms in {month}. => {S}
    Name a plant with {flower} flowers. => {S}
    Name a plant that gives {use}. => {S}
    """
  private static let material = """
    What colour is {S}? => {colour}
    Where does {S} come from? => {origin}
    Name {a colour} material. => {S}
    water=floats | Name a material that floats. => {S}
    water=sinks | Name a material that sinks. => {S}
    fire=burns | Name a material that burns. => {S}
    fire=resists | Name a material that does not burn. => {S}
    heat=holds | Name a material that keeps heat in. => {S}
    heat=passes | Name a material that lets heat through. => {S}
    force=bends | Name a material that bends. => {S}
    force=breaks | Name a material that breaks. => {S}
    rain=sheds | Name a material that keeps rain out. => {S}
    rain=soaks | Name a material that soaks up water. => {S}
    current=carries | Name a material that carries a current. => {S}
    current=stops | Name a material that stops a current. => {S}
    water=floats | Does {S} float or sink? => water=floats | it floats
    water=sinks | Does {S} float or sink? => water=sinks | it sinks
    fire=burns | Does {S} burn? => fire=burns | yes, it burns
    fire=resists | Does {S} burn? => fire=resists | no, it does not burn
    heat=holds | Does heat pass through {S}? => heat=holds | no, it keeps heat in
    heat=passes | Does heat pass through {S}? => heat=passes | yes, it lets heat through
    force=bends | Does {S} bend or break? => force=bends | it bends
    force=breaks | Does {S} bend or break? => force=breaks | it breaks
    rain=sheds | Does {S} keep rain out? => rain=sheds | yes, it keeps rain out
    rain=soaks | Does {S} keep rain out? => rain=soaks | no, it soaks up water
    current=carries | Does {S} carry a current? => current=carries | yes, it carries a current
    current=stops | Does {S} carry a current? => current=stops | no, it stops a current
    """
  private static let instrument = """
    What kind of instrument is {S}? => a {family}
    What is {a S} made of? => {body}
    In which town was {S} first made? => {home}
    What is the sound of {a S} like? => {sound}
    """
  private static let person = """
    Where was {S} born? => {born}
    In which year was {S} born? => {year}
    What was the trade of {S}? => {work}
    Who taught {S}? => {teacher}
    Where did {S} live? => {lives}
    What did {S} play? => the {plays}
    What pet did {S} have? => a {keeps}
    """
  private static let tool = """
    What is {a S} used for? => to {task}
    Name a tool that is made to {task}. => {S}
    What are {Ss} made of? => {made}
    Who invented {S}? => {inventor}
    In which year was {S} invented? => {appeared}
    """
  private static let book = """
    Who wrote {S}? => {author}
    What is {S} about? => {about}
    Name a book about {about}. => {S}
    Name a book by {author}. => {S}
    When was {S} printed? => {appeared}
    """
  private static let event = """
    When was {S}? => {happened}
    Where was {S}? => {place}
    What caused {S}? => {cause}
    Who led the people in {S}? => {leader}
    """
  private static let craft = """
    Where is {S} made? => {maker}
    """
}
