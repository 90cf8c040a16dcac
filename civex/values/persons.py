"""Words for people: which nouns stand for one person, for several, or for no number at all."""

PERSONS = frozenset(
    "man woman boy girl child baby infant toddler newborn teenager youth civilian soldier fighter officer policeman "
    "policewoman doctor nurse paramedic medic journalist reporter photographer cameraman teacher student pupil driver "
    "passenger guard worker farmer shepherd fisherman shopkeeper vendor baker engineer lawyer judge imam sheikh cleric "
    "priest volunteer aide activist resident villager refugee neighbour neighbor friend relative colleague commander "
    "leader member person passer-by passerby bystander pedestrian militant gunman insurgent terrorist bomber attacker "
    "father mother dad mum parent son daughter brother sister wife husband cousin uncle aunt nephew niece grandfather "
    "grandmother grandson granddaughter grandchild stepson bodyguard interpreter translator contractor official mayor "
    "governor prisoner detainee victim other one tourist pilot sailor general colonel captain lieutenant sergeant "
    "foreigner migrant peacekeeper him himself herself someone somebody "
    "owner tenant trader merchant caretaker herder midwife cook tailor butcher mechanic technician builder carpenter "
    "clerk principal headmaster manager director deputy chief elder monk nun pastor muezzin barber "
    "motorcyclist cyclist "
    "survivor recruit conscript hostage professor headteacher firefighter rescuer responder watchman labourer laborer "
    "employee cleaner seller khassadar".split()
)
# These count as one more after "and" without an article ("a father and son"; "trader and owner" is one person).
KIN = frozenset(
    "man woman boy girl child baby infant father mother son daughter brother sister wife husband cousin uncle aunt "
    "nephew niece grandfather grandmother grandson granddaughter grandchild driver bodyguard bystander".split()
)
# Said without a number, these say nothing of how many.
NO_COUNT = frozenset(
    "family household group crowd team crew unit patrol convoy cell squad party number majority total toll force "
    "army battalion platoon brigade generation population public police personnel staff military dead wounded "
    "injured killed missing harm life loss bloodshed carnage damage destruction massacre casualty fatality anyone "
    "anybody everyone them they us we those these who someone's livestock cattle security offspring kin "
    "elderly community clan tribe killing injury maximum minimum died dies deadly fatal fatally lethal martyred "
    "hurt maimed arrested detained abducted kidnapped".split()
)
_PLURALS = frozenset(
    "men women children people persons servicemen servicewomen policemen fishermen gunmen cameramen tribesmen "
    "townspeople police personnel staff youth grandchildren stepchildren infantrymen crewmen clergymen businessmen "
    "others dead wounded injured".split()
)
_SINGULAR_ENDINGS = ("ss", "us", "is", "'s")
# A count of these may be spelled out after a comma ("seven people, two women and five children").
GENERIC = frozenset(
    "people persons civilians members victims relatives individuals others casualties residents palestinians syrians "
    "iraqis afghans ukrainians yemenis villagers family dead martyrs deaths fatalities killed".split()
)


def is_plural(noun: str) -> bool:
    """Whether a lower-case noun stands for more than one: "men", "farmers"; not "boss", "Abbas's"."""
    return noun in _PLURALS or (len(noun) > 2 and noun.endswith("s") and not noun.endswith(_SINGULAR_ENDINGS))


def is_person(noun: str) -> bool:
    """Whether the ending of a lower-case noun says that it is one person: "tribesman", "machinist"."""
    return noun.endswith(("man", "woman", "ist", "medic"))
