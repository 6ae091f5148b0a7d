#!/usr/bin/env python3
"""French: the glossary's words, ids and values as they are (screens.md 7)."""
import os
import sys
sys.dont_write_bytecode = True

from mock import SETTINGS  # noqa: E402
from tui import SMEMAIL, Root, Screen, done, skip_all  # noqa: E402

if not os.path.exists(os.path.dirname(SMEMAIL) + "/locale/fr"):
    skip_all("no French catalogue beside the program")
root = Root(SETTINGS)
s = Screen(root, words=("--lang", "fr", "tui"))
s.expect(r"^ smemail  Tableau de bord ", "--lang fr opens in French")
s.keys("2")
s.wait("domaine 1 sur 16")
s.keys("Down", "Down", "Space", "Down", "Space", "Down", "Down", "Space")
s.expect(r"^ x Livraison \(Delivery\) +21 +3 +ok ",
         "areas are translated, their ids beside them")
s.wait("Marqués\u00a0: Delivery, Filtering/Spam, RBL")
s.keys("Enter")
s.wait("réglage 1 sur")
s.keys("&")
s.type("set")
s.keys("Enter")
s.wait("& modifiés, brouillon ou marqués")
s.keys("Down", "Down", "Down", "Down", "Down", "Down", "Enter")
s.wait(r"\[12")
s.keys("C-u")
s.type("10")
s.expect_screen("""
 smemail  Réglages > Delivery, Filtering/Spam, RBL            brouillon 0  HH:MM
   Réglage                      Valeur                        Par défaut
── Livraison (Delivery) ────────────────────────────────────────────────────────
 + delivery.smarthost           smtp.isp.test:587             -
 + delivery.smarthost-auth      [x] enabled                   disabled
 + delivery.smarthost-user      example-com                   -
── Filtre anti-pourriel (Filtering/Spam) ───────────────────────────────────────
 + spam.filter                  [x] enabled                   disabled
 + spam.sensitivity             < custom >                    medium
 + spam.tag-level               4                             -
>*!spam.reject-level            [10       ]  avant\u00a0: 12       0
 + spam.sort-junkmail           [x] enabled                   disabled
 + spam.subject-text            [SPAM]                        -
── Listes noires DNS (RBL) ─────────────────────────────────────────────────────
 + rbl.dns                      [x] enabled                   disabled
 + rbl.dns-zones                zen.spamhaus.org              -



 Score à partir duquel refuser en SMTP (custom seulement ; 12 conseillé ; 0 =
 jamais). 0 à 20. ! peut perdre du courriel.
 réglage 7 sur 11   & modifiés, brouillon ou marqués   45 par défaut cachés
 = smemail set spam.reject-level 10
 Entrée accepter  Esc anc. valeur  x par défaut  d décrire  s enregistrer  p  ?
""", "the form is the French mock-up")
s.keys("Enter", "p")
s.expect(r"^ !?.*spam\.reject-level +0 -> 10 +peut perdre du courriel",
         "the plan is in French, its names are not")
s.keys("s")
s.wait(r"\?")
s.keys("o")
s.expect(r"enregistré, non appliqué|enregistré", "o is yes in French")
s.keys(":")
s.type("lang en")
s.keys("Enter")
s.expect(r"^ Enter|^ a apply", ":lang en changes the language at once")
s.keys("Q")
s.ended(0, "Q leaves")
s.close()

s = Screen(root, words=("tui",), LC_ALL="fr_FR.UTF-8")
s.expect(r"^ smemail  Tableau de bord ", "LC_ALL chooses French as well")
s.keys("q")
s.ended(0, "q leaves")
s.close()
root.remove()
done()
