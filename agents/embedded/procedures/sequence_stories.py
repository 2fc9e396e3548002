"""The stories in which sequences are asked for; `{terms}`, `{a}`, `{n}` ... are filled in later."""

ARITHMETIC_NEXT = (
    "The same number is added or taken away each time: {terms}. Which number comes next?",
    "Here is the beginning of an arithmetic sequence: {terms}. What is its next term?",
    "House numbers on a long street run {terms}, always with the same gap. Which one follows?",
    "A thermometer in an oven is read every minute: {terms}. It goes on changing at the same rate. "
    "What will the next reading be?",
    "The page numbers that are marked in a book are {terms}. The distance from mark to mark stays "
    "the same. Which page is marked next?",
    "A meter shows {terms} on successive days, and changes by the same amount daily. "
    "What does it show on the next day?",
    "Beads on a cord are numbered {terms}, in equal steps. What is the number of the next bead?",
    "Continue the list {terms} by one number, keeping the constant difference.",
)
ARITHMETIC_NTH = (
    "An arithmetic sequence starts with {a}, and {d} is added each time. What is its {nth} term?",
    "The first row of a theatre has {a} seats and every further row has {d} more than the one "
    "before. How many seats has the {nth} row?",
    "A savings box holds {a} coins in the first week, and {d} coins are added every week after "
    "that. How many coins does it hold in the {nth} week?",
    "Write {a}, then keep adding {d}. Which number is the {nth} one written, counting {a} as the "
    "first?",
    "The first fence post stands {a} metres from the gate and each following post {d} metres "
    "farther. How many metres from the gate is the {nth} post?",
    "On the first day a runner does {a} laps, and each day {d} more than the day before. "
    "How many laps does the runner do on the {nth} day?",
    "The rule of a sequence: the first term is {a}; every next term is larger by {d}. "
    "Find term number {n}.",
    "A pile of tins has {a} tins in its top layer, and each layer below has {d} more than the one "
    "above it. How many tins are in the {nth} layer from the top?",
)
GEOMETRIC_NTH = (
    "{who} writes down {a} and multiplies by {r} again and again. "
    "What is the {nth} number written, counting {a} as the first?",
    "On the first day {who} counts {a} water lilies on a pond. Each day there are {r} times as "
    "many as the day before. How many are there on the {nth} day?",
    "{who} sends {a} messages in the first hour of a game, and in every later hour {r} times as "
    "many as in the hour before. How many are sent in the {nth} hour?",
    "A sequence that {who} invented has the first term {a}; each further term is {r} times the "
    "one before. Find the {nth} term.",
    "{who} grows cells in a dish: {a} at the first count, and at each further count {r} times as "
    "many as at the last. How many cells are there at the {nth} count?",
    "In the first round of a quiz {who} can win {a} points; every round is worth {r} times the "
    "round before. How many points is the {nth} round worth?",
    "{who} draws a tree with {a} branches on the first level, and on each further level {r} times "
    "as many as on the level before. How many branches does the {nth} level have?",
    "{who} needs term number {n} of the geometric sequence with first term {a} and ratio {r}. "
    "What is it?",
)
SECOND_NEXT = (
    "The differences between neighbours grow by a fixed number: {terms}. {ask}",
    "In the list {terms} each gap is larger than the gap before by the same number. {ask}",
    "A tank holds, hour by hour, {terms} litres. The hourly change rises by the same amount every "
    "time. {ask}",
    "A drone reports its height in metres once a minute: {terms}. The change from minute to minute "
    "goes up by a fixed amount. {ask}",
    "Look at the differences in {terms}: they change by the same amount each time. {ask}",
    "A sequence with a constant second difference begins {terms}. {ask}",
    "Visitors to a new museum, day by day: {terms}. The daily change itself goes up by the same "
    "number. {ask}",
    "Study the sequence {terms}. Its first differences form an arithmetic sequence. {ask}",
)
SECOND_ASK_ONE = "Which number comes next?"
SECOND_ASK_TWO = "Which two numbers come next?"
IN_TURN = (
    "{who} starts with {a} and, in turn, {ops}. What is the {nth} number, counting {a} as the "
    "first?",
    "A machine built by {who} shows {a} first. From then on, in turn, it {ops}. "
    "Which number is the {nth} that it shows?",
    "{who} plays a number game: the first number is {a}; after that, one step at a time and over "
    "and over, {who} {ops}. What is the {nth} number?",
    "The sequence of {who} has the first term {a}. Its rule, step after step, {ops}, and then "
    "begins again. Find the {nth} term.",
    "On a board {who} writes {a} as the first number. Going round the same steps again and again, "
    "{who} {ops}. Which number is written in the {nth} place?",
    "Starting from {a}, which is the first number, {who} {ops}, always in this order and from the "
    "beginning again. What is the {nth} number?",
    "A puzzle for {who}: term 1 is {a}. One step leads to each next term; the steps repeat in "
    "this order: it {ops}. Which number is term {n}?",
    "{who} programs a counter that begins with {a} as its first value and then, by turns, {ops}. "
    "What is its {nth} value?",
)
SUM_OF_TWO = (
    "{who} writes {a} and {b}, and from then on always the sum of the last two numbers. "
    "Which three numbers come after {b}?",
    "A sequence that {who} found starts {a}, {b}; each further term is the sum of the two before "
    "it. What are the next three terms?",
    "{who} lays {a} tiles in the first row and {b} in the second; each later row has as many "
    "tiles as the two rows before it together. How many tiles are in rows three, four and five?",
    "In the spring {who} counts {a} rabbits in one month and {b} in the next; then every month "
    "has as many as the two months before it together. Give the numbers of the next three months.",
    "{who} tells a rule: add the last two numbers to get the next. The list begins {a}, {b}. "
    "What are its third, fourth and fifth numbers?",
    "The first two steps of a stair that {who} paints take {a} and {b} strokes; every later step "
    "takes as many as the two before it together. How many strokes do the next three steps take?",
    "{who} saves {a} coins in the first week and {b} in the second, and then each week the total "
    "of the two weeks before. How many coins are saved in the third, fourth and fifth week?",
    "{who} has begun a list with {a}, {b}, in which each number is to be the sum of the two before "
    "it. Continue the list by three numbers.",
)
WOVEN = (
    "Two arithmetic sequences are woven together, term by term in turn: {terms}. "
    "Which two numbers come next?",
    "The numbers in odd places follow one fixed step, those in even places another: {terms}. "
    "What are the next two numbers?",
    "Two friends take turns in calling out numbers, each with a constant step of their own: "
    "{terms}. Which two numbers are called next?",
    "Red and blue beads alternate on a cord. Red numbers change by a fixed amount, and so do blue "
    "ones: {terms}. What numbers are on the next two beads?",
    "A board shows the readings of two gauges in turn: {terms}. Each gauge changes by the same "
    "amount every time. Give the next two readings.",
    "House numbers are read from the left and the right side of a street by turns: {terms}. On "
    "each side they go in equal steps. Which two numbers follow?",
    "Every second number of {terms} belongs to one arithmetic sequence, the others to a second "
    "one. Find the next two numbers.",
    "Continue the list {terms} by two numbers; it mixes two sequences with constant differences, "
    "one term of each by turns.",
)
