"""Names of people and towns, and the days on which stories happen.

All are invented. No name ends in "s", so that a possessive is always the name and "'s".
"""

FIRST_NAMES = (
    "Ada", "Aisha", "Alma", "Amir", "Anton", "Aylin", "Bela", "Bruno", "Carla", "Chidi",
    "Clara", "Dana", "Dario", "David", "Diego", "Edith", "Elena", "Emil", "Enzo", "Esra",
    "Fatima", "Felix", "Fiona", "Frida", "Gita", "Greta", "Hana", "Hugo", "Ida", "Imani",
    "Ingrid", "Irena", "Ivan", "Jamal", "Jana", "Jonah", "Julia", "Kai", "Karim", "Kenji",
    "Lara", "Leila", "Leo", "Lina", "Luca", "Maja", "Malik", "Marta", "Mei", "Milan",
    "Mira", "Nadia", "Nico", "Nina", "Noah", "Nora", "Olga", "Omar", "Oscar", "Paula",
    "Pedro", "Petra", "Priya", "Rafael", "Ravi", "Rosa", "Rui", "Sami", "Sara", "Selma",
    "Simon", "Sofia", "Stefan", "Tara", "Teo", "Tessa", "Uma", "Vera", "Viktor", "Yusuf",
)  # fmt: skip

FAMILY_NAMES = (
    "Abel", "Adler", "Ahmadi", "Aldana", "Arslan", "Bakker", "Becker", "Barrow", "Bello",
    "Berg", "Bianchi", "Blum", "Brandt", "Castro", "Chandra", "Chen", "Costa", "Dahl", "Demir",
    "Diallo", "Dvorak", "Eriksen", "Farah", "Fischer", "Fontana", "Fujita", "Garcia", "Gruber",
    "Haddad", "Halonen", "Hansen", "Ibrahim", "Ivanov", "Jansen", "Jovanov", "Kato", "Kaya",
    "Keller", "Khan", "Kim", "Klein", "Kowal", "Kumar", "Larsen", "Lind", "Lopez", "Mansour",
    "Marino", "Meyer", "Molina", "Moreau", "Nakata", "Navarro", "Novak", "Okafor", "Olsen",
    "Osei", "Park", "Patel", "Pereira", "Petrov", "Ramirez", "Rossi", "Sato", "Schmidt", "Silva",
    "Singh", "Sokol", "Tanaka", "Toure", "Urban", "Vidal", "Vogel", "Weber", "Winter", "Wolff",
    "Yamada", "Yilmaz", "Zamora", "Ziegler",
)  # fmt: skip

TOWNS = (
    "Aldermoor", "Ashbrook", "Birchfield", "Blackwater", "Bramley", "Brightsea", "Cedarton",
    "Clearwater", "Copperhill", "Dunmore", "Eastvale", "Elmstead", "Fairhaven", "Fernhill",
    "Foxbridge", "Glenrock", "Goldbrook", "Greenford", "Hartwell", "Hazelby", "Highcliff",
    "Ivybridge", "Kingsmead", "Lakeside", "Lindenau", "Longmeadow", "Maplewood", "Millbrook",
    "Newhaven", "Northfield", "Oakridge", "Otterburn", "Pinecrest", "Redcliff", "Riverton",
    "Rosedale", "Sandwick", "Silverlake", "Stonebridge", "Willowdale",
)  # fmt: skip

WEATHERS = (
    "rainy", "windy", "quiet", "grey", "bright", "misty", "cool", "mild", "sunny", "cloudy",
)  # fmt: skip

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

SEASONS = (
    "",
    " before the town festival",
    " in the week of the street fair",
    " before a long weekend",
    " after the school holidays",
    " at the end of the month",
    " at the start of the month",
    " in the middle of the month",
    " during the holidays",
)

OPENINGS = (
    "{occasion}, {person} was in charge at {place} in {town}",
    "{person} works at {place} in {town} and kept a tally {occasion}",
    "{place} in {town} was full of life {occasion}, and {person} kept count",
    "{person} looked after {place} in {town} {occasion}",
    "there was plenty to do at {place} in {town} {occasion}, so {person} wrote everything down",
    "this is what {person} noted at {place} in {town} {occasion}",
    "{occasion}, {person} came to {place} in {town} early and took notes",
    "{person} spent the whole day at {place} in {town} {occasion}",
)
"""First sentences; each tells the person, the place, the town and the day, and so its index."""
