/// Passages whose last word follows from what is so of the person they tell of; the last gap is the last word.
enum PassagePatterns {
  static let lists: [Relation: [Pattern]] = [
    .born: Pattern.list(
      """
      It was late when {someone} came to the house. "You must be tired of {lives}," she said. {S} looked at the fire \
      and did not answer. "Every year I think of the place where I was born," {he} said at last. "Before I am old, I \
      will go back to {born}
      {S} had lived in {lives} for a long time, and the people there were good to {him}. But in winter {he} often \
      spoke of {his} mother and the house of {his} birth. One morning {he} took a bag and went down to the boats. \
      Nobody had to ask where {he} was going: home to {born}
      The letter was from a child. "Dear {name}," it said, "we have to write where you were born, and I do not know \
      it." {S} took a pen. "{name}," {he} wrote, "lives in {lives} but was born in {born}
      """),
    .lives: Pattern.list(
      """
      {someone} had walked from {born} with a letter for {S}. At every door she asked, and at every door they sent \
      her on. "You are in the wrong town," an old man told her. "{name} was born here, that is true. But the house \
      you look for stands in {lives}
      Nobody in {born} had seen {S} for years. "{He} sent us a card," said the neighbour. "There was a picture of the \
      street and of {his} house." {someone} looked at the picture. She knew that street well, for she too had once \
      lived in {lives}
      All day the boats brought people from the other islands. {S} was tired and wanted to sleep in {his} own bed. \
      {someone} laughed. "You do not like to be a guest. Tomorrow you will be home in {lives}
      """),
    .work: Pattern.list(
      """
      The room was full, and everybody asked for {S}. A child did not know who that was. {someone} bent down. "You \
      must know {name}! If you want to see {him} at work, come in the morning. There is nobody in {lives} who is a \
      better {work}
      {S} came from {born} with an empty bag and no money. In {lives} the people asked what {he} could do. {someone} \
      gave {him} a room and a table. After a year there was a sign at the door: {name}, {work}
      """),
    .plays: Pattern.list(
      """
      The guests had eaten, and it was quiet in the room. "They say that you play," said {someone}. {S} went out and \
      came back with a black case. {He} opened it, and there, on blue cloth, lay {his} old {plays}
      When {S} moved to {lives}, {he} took only what {he} could carry. The bed stayed behind, and so did the chairs. \
      "But you will need music," said {someone}. {S} laughed and showed her the bag on {his} back. In it was the {plays}
      """),
    .keeps: Pattern.list(
      """
      {someone} heard something behind the door and stepped back. "Do not be afraid," said {S}. "It is only my pet, \
      and it has eaten." {He} opened the door, and out came a small {keeps}
      The house in {lives} was dark, for {S} was away. {someone} had the key and came every evening. She put food on \
      the floor and waited. After some time it came out from under the bed: the {keeps}
      """),
    .teacher: Pattern.list(
      """
      "You do that well," said {someone}. "Where did you learn it?" {S} put down the work and thought of the cold \
      room and the long hours. "I had a good teacher," {he} said, "and you know the name. It was old {teacher~}
      """),
  ]
}
