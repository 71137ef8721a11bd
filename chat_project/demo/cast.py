"""The people of the demo: who they are, how they look, whom they know."""

from collections.abc import Mapping
from dataclasses import dataclass

from chat_project.demo.portraits import Portrait

# Everybody may know it: the accounts are for trying things out.
SIGN_IN_WITH = "demo-password"


@dataclass(frozen=True, kw_only=True)
class Person:
    """One of the cast. `signs_in` says that the account has the demo's password."""

    username: str
    display_name: str
    bio: str
    joined_days_ago: int
    portrait: Portrait
    signs_in: bool = False


PEOPLE = (
    Person(
        username="alice",
        display_name="Alice Marlowe",
        bio="Cartographer. I can fold any map back the way it was. Ask me to prove it.",
        joined_days_ago=212,
        signs_in=True,
        portrait=Portrait(
            sky=("#fde3c8", "#f7b89c"),
            sun="#fff1dc",
            skin="#f3c6a5",
            hair="bob",
            hair_colour="#8a3b24",
            top="stripes",
            top_colour="#2f5d62",
            wears=("freckles",),
        ),
    ),
    Person(
        username="bob",
        display_name="Bob Okafor",
        bio="Sound engineer. If it hums, I already know the frequency.",
        joined_days_ago=203,
        signs_in=True,
        portrait=Portrait(
            sky=("#cfe8ef", "#8cc3d9"),
            sun="#e9f7fb",
            skin="#8a5a3c",
            hair="crop",
            hair_colour="#1f1a1c",
            top="hoodie",
            top_colour="#e4713b",
            trim="#f6c453",
            wears=("beard", "headphones"),
        ),
    ),
    Person(
        username="carol",
        display_name="Carol Lindqvist",
        bio="Opening a bakery. Awake at four, in bed by nine, flour in between.",
        joined_days_ago=198,
        signs_in=True,
        portrait=Portrait(
            sky=("#fbe7b5", "#f2c25b"),
            sun="#fff6d8",
            skin="#f7d3b8",
            hair="bun",
            hair_colour="#e3b04b",
            top="apron",
            top_colour="#b5493f",
        ),
    ),
    Person(
        username="dave",
        display_name="Dave Romero",
        bio="Bridges by day, puns by night. Load-bearing friend.",
        joined_days_ago=187,
        signs_in=True,
        portrait=Portrait(
            sky=("#d6e6cf", "#97bf8b"),
            sun="#eef7e9",
            skin="#d9a077",
            hair="quiff",
            hair_colour="#3a2619",
            top="shirt",
            top_colour="#3e6ea8",
            wears=("glasses", "stubble"),
        ),
    ),
    Person(
        username="erin",
        display_name="Erin Walsh",
        bio="I write Harbour Street News. 14 plants thriving, 3 in therapy.",
        joined_days_ago=176,
        signs_in=True,
        portrait=Portrait(
            sky=("#d9d3f0", "#a99bd8"),
            sun="#efebfb",
            skin="#f6d0bd",
            hair="long",
            hair_colour="#2d2a3e",
            top="turtleneck",
            top_colour="#2f8f83",
            trim="#f4728c",
            wears=("flower",),
        ),
    ),
    Person(
        username="noor",
        display_name="نور حداد",
        bio="Physiotherapist. Yes, you should stretch. نعم، حتى أنت.",
        joined_days_ago=141,
        portrait=Portrait(
            sky=("#f9d7d9", "#e99aa3"),
            sun="#fdecec",
            skin="#dba880",
            hair="covered",
            hair_colour="#3a2619",
            top="plain",
            top_colour="#34526f",
            trim="#5b8fb0",
            wears=("headscarf",),
        ),
    ),
    Person(
        username="tomasz",
        display_name="Tomasz Zieliński",
        bio="Bus driver, line 14. I have opinions about your roundabout.",
        joined_days_ago=133,
        portrait=Portrait(
            sky=("#d8ecf7", "#9fc9e8"),
            sun="#f0f9fe",
            skin="#f1c3a0",
            hair="short",
            hair_colour="#6a4a2f",
            top="jacket",
            top_colour="#27476e",
            trim="#c8553d",
            wears=("beanie", "moustache"),
        ),
    ),
    Person(
        username="mei",
        display_name="林美 Mei",
        bio="数据分析师 · 周末爬山。Spreadsheets on weekdays, summits on days off.",
        joined_days_ago=120,
        portrait=Portrait(
            sky=("#fce1ec", "#f0a6c2"),
            sun="#fff3f8",
            skin="#f2cba6",
            hair="fringe",
            hair_colour="#221c22",
            top="plain",
            top_colour="#f1b24a",
            wears=("earrings",),
        ),
    ),
    Person(
        username="kenji",
        display_name="佐藤健二",
        bio="Luthier. 楽器の修理、承ります。",
        joined_days_ago=12,
        portrait=Portrait(
            sky=("#e2efe3", "#a8cfb4"),
            sun="#f5fbf5",
            skin="#eec39a",
            hair="spiky",
            hair_colour="#26211f",
            top="turtleneck",
            top_colour="#54433a",
            wears=("glasses",),
        ),
    ),
    Person(
        username="oksana",
        display_name="Оксана Ковальчук",
        bio="Перекладачка. I carry sentences across borders.",
        joined_days_ago=96,
        portrait=Portrait(
            sky=("#fff0b8", "#f5cf63"),
            sun="#fffae3",
            skin="#f5cfae",
            hair="braid",
            hair_colour="#c58a3d",
            top="plain",
            top_colour="#3573b5",
            trim="#e2534a",
            wears=("flower",),
        ),
    ),
    Person(
        username="luca",
        display_name="Luca Ferri",
        bio="Forty years of bread. The dough is always right.",
        joined_days_ago=88,
        portrait=Portrait(
            sky=("#f6ddc7", "#dca87f"),
            sun="#fcf1e6",
            skin="#e2a983",
            hair="side",
            hair_colour="#e9e4dc",
            top="apron",
            top_colour="#556b5d",
            wears=("moustache",),
        ),
    ),
    Person(
        username="farida",
        display_name="Farida Rahimi",
        bio="Accountant. I read the small print so that you can read novels.",
        joined_days_ago=81,
        portrait=Portrait(
            sky=("#d3efe9", "#86c9bb"),
            sun="#ecfaf7",
            skin="#c98f66",
            hair="curls",
            hair_colour="#2b1d1a",
            top="jacket",
            top_colour="#6b3e75",
            trim="#f3ead7",
            wears=("square glasses",),
        ),
    ),
    Person(
        username="grace",
        display_name="Grace Mwangi",
        bio="Librarian. Overdue is a state of mind.",
        joined_days_ago=160,
        portrait=Portrait(
            sky=("#f8dcc2", "#ee9d6c"),
            sun="#fff0e2",
            skin="#6f452f",
            hair="afro",
            hair_colour="#1d1718",
            top="plain",
            top_colour="#d9a441",
            wears=("earrings",),
        ),
    ),
    Person(
        username="jonas",
        display_name="Jonas Weber",
        bio="Mountain rescue, volunteer. Please bring a torch.",
        joined_days_ago=75,
        portrait=Portrait(
            sky=("#dfe6ee", "#a9b9cb"),
            sun="#f4f7fa",
            skin="#efc0a0",
            hair="swept",
            hair_colour="#b8673a",
            top="jacket",
            top_colour="#c23b31",
            trim="#f0efe9",
            wears=("beard",),
        ),
    ),
    Person(
        username="priya",
        display_name="Priya Nair",
        bio="Graphic designer. Kerning is a love language.",
        joined_days_ago=64,
        portrait=Portrait(
            sky=("#e6ddf6", "#c0a3e2"),
            sun="#f6f1fd",
            skin="#a9714b",
            hair="tail",
            hair_colour="#241a1c",
            top="plain",
            top_colour="#e0527e",
            wears=("earrings",),
        ),
    ),
    Person(
        username="samuel",
        display_name="Samuel Adeyemi",
        bio="Taught physics for 35 years. Now I only explain it when asked.",
        joined_days_ago=58,
        portrait=Portrait(
            sky=("#d5e3f5", "#8fb0dc"),
            sun="#edf3fc",
            skin="#5f3d2b",
            hair="bald",
            hair_colour="#e9e4dc",
            top="shirt",
            top_colour="#7a5c43",
            wears=("beard", "glasses"),
        ),
    ),
    Person(
        username="hana",
        display_name="Hana Nováková",
        bio="Bicycle repairs, Harbour Street 9. Bring cake, skip the queue.",
        joined_days_ago=110,
        portrait=Portrait(
            sky=("#e3f3c9", "#b4d67f"),
            sun="#f5fbe9",
            skin="#f4cdb0",
            hair="short",
            hair_colour="#d1663f",
            top="hoodie",
            top_colour="#3c4a63",
            trim="#f2f2ea",
            wears=("cap", "freckles"),
        ),
    ),
    Person(
        username="sofia",
        display_name="Sofia Duarte",
        bio="Potter. Everything I own is slightly off-centre.",
        joined_days_ago=9,
        portrait=Portrait(
            sky=("#d6f0f2", "#8fd0d6"),
            sun="#eefafb",
            skin="#e0b08c",
            hair="long",
            hair_colour="#7a4b2c",
            top="apron",
            top_colour="#c7755a",
            trim="#f3ead7",
        ),
    ),
)

# Contacts, each pair once: who asked whom.
CONTACTS: Mapping[str, tuple[str, ...]] = {
    "alice": ("bob", "carol", "dave", "erin", "noor", "mei", "kenji", "oksana", "grace", "priya", "hana"),
    "bob": ("carol", "dave", "erin", "kenji", "tomasz"),
    "carol": ("dave", "erin", "luca", "farida", "jonas", "priya"),
    "dave": ("erin", "farida"),
    "erin": ("hana", "grace", "samuel", "kenji"),
    "noor": ("tomasz", "mei"),
    "grace": ("samuel", "oksana"),
}


@dataclass(frozen=True)
class Wish:
    """A contact request that nobody has answered yet."""

    sender: str
    receiver: str
    message: str
    hours_ago: int


WISHES = (
    Wish("sofia", "alice", "Hi Alice! We met at the pottery evening. You drew a map of my kiln on a napkin.", 7),
    Wish("jonas", "bob", "The goat sends his regards.", 20),
    Wish("samuel", "alice", "I have four more minutes of remarks on surface tension.", 26),
)
