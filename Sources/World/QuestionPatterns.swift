/// Questions as the task files ask them, in words that no page uses for a question: the answer is the value of the one
/// relation asked for.
enum QuestionPatterns {
  /// Of nature and things, for ARC and SciQ.
  static let nature: [Kind: [Inquiry]] = [
    .animal: Inquiry.list(
      """
      To which kind of animal does {S} belong? => a {sort}
      Which place is the home of {S}? => in {habitat}
      A walker wants to see {a S}. Where should she look? => in {habitat}
      Which food does {a S} look for? => {food}
      What is the best thing to give {a S} to eat? => {food}
      Which colour is the back of {a S}? => {coat}
      What would you look for if you want to know {a S} by its colour? => {coat}
      At what time does {S} leave its shelter? => {active}
      What is the best time to see {a S}? => {active}
      In which place are the young of {a S} raised? => {nest}
      Where should you look for a young {name}? => {nest}
      """),
    .plant: Inquiry.list(
      """
      Which ground does {a S} need? => on {ground}
      Where should a gardener plant {a S}? => on {ground}
      Which colour do the flowers of {a S} have? => {flower}
      By which colour do you know the flower of {S}? => {flower}
      What is the month in which {S} opens its flowers? => {month}
      At what time of the year is {S} in flower? => {month}
      Which of these things is made from {S}? => {use}
      Why do people grow {S}? They want something from it. What is it? => {use}
      """),
    .material: Inquiry.list(
      """
      Which colour does a block of {S} have? => {colour}
      Near which town is {S} dug from the ground? => {origin}
      water=floats | What happens when a spoon of {S} is dropped into water? => water=floats | it floats
      water=sinks | What happens when a spoon of {S} is dropped into water? => water=sinks | it sinks
      fire=burns | What happens when {S} is held in a flame? => fire=burns | it burns
      fire=resists | What happens when {S} is held in a flame? => fire=resists | it does not burn
      heat=holds | What does the wall of a pot do when it is made of {S}? => heat=holds | it keeps heat in
      heat=passes | What does the wall of a pot do when it is made of {S}? => heat=passes | it lets heat through
      force=bends | What does a rod of {S} do under a heavy load? => force=bends | it bends
      force=breaks | What does a rod of {S} do under a heavy load? => force=breaks | it breaks
      rain=sheds | What does a roof of {S} do in the rain? => rain=sheds | it keeps rain out
      rain=soaks | What does a roof of {S} do in the rain? => rain=soaks | it soaks up water
      current=carries | What does a wire of {S} do? => current=carries | it carries a current
      current=stops | What does a wire of {S} do? => current=stops | it stops a current
      """),
    .instrument: Inquiry.list(
      """
      Which instrument is most like {S}? => a {family}
      Which material do makers use to build {S}? => {body}
      Which kind of sound does {S} have? => {sound}
      """),
    .tool: Inquiry.list(
      """
      For which kind of work do people use {S}? => to {task}
      Which material do you find in the blade of {S}? => {made}
      """),
  ]

  /// As people type them, for WebQuestions.
  static let searches: [Kind: [Inquiry]] = [
    .person: Inquiry.list(
      """
      which town was {S} born in? => {born}
      what town is the birthplace of {S}? => {born}
      what year is the birth of {S}? => {year}
      what kind of work did {S} do? => {work}
      what did {S} do for a living? => {work}
      which town did {S} live in? => {lives}
      which town was the home of {S}? => {lives}
      who was the teacher of {S}? => {teacher}
      """),
    .town: Inquiry.list(
      """
      which island does {S} belong to? => {island}
      what is the name of the river in {S}? => {river}
      what do they sell in {S}? => {trade}
      what month is the feast held in {S}? => {feast}
      """),
    .island: Inquiry.list(
      """
      what sea is around {S}? => {sea}
      which town is the capital of {S}? => {capital}
      """),
    .river: Inquiry.list(
      """
      which island does {S} flow on? => {island}
      """),
    .instrument: Inquiry.list(
      """
      which town does {S} come from? => {home}
      """),
  ]

  /// As people ask who collect such things, for TriviaQA.
  static let trivia: [Kind: [Inquiry]] = [
    .book: Inquiry.list(
      """
      Which person is the author of the book {S}? => {author}
      By whom was the book {S} written? => {author}
      In what year did the book {S} come out? => {appeared}
      What is the subject of the book {S}? => {about}
      """),
    .event: Inquiry.list(
      """
      In what year did {S} take place? => {happened}
      In which town did {S} happen? => {place}
      Which town saw {S}? => {place}
      What was the cause of {S}? => {cause}
      Which person was the leader in {S}? => {leader}
      """),
    .tool: Inquiry.list(
      """
      Which person was the inventor of {S}? => {inventor}
      By whom was {S} invented? => {inventor}
      In what year did the first {name} come out? => {appeared}
      """),
    .person: Inquiry.list(
      """
      From which teacher did {S} learn? => {teacher}
      Which instrument was played by {S}? => {plays}
      Which animal did {S} keep as a pet? => {keeps}
      """),
    .craft: Inquiry.list(
      """
      From which town does {S} come? => {maker}
      """),
  ]
}
