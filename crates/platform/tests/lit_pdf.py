"""Says, as JSON, what a PDF declares of itself and what a screen reader is given, in its order: by pdfplumber and pdfminer."""

import json
import re
import sys

import pdfplumber
from pdfminer.pdftypes import resolve1
from pdfplumber.page import PDFPageAggregatorWithMarkedContent as Lecteur


# pdfplumber forgets to which element a letter belongs once a mark within it has ended, as the one of a ligature.
def ouvre(self, tag, props=None):
    self.pile = getattr(self, "pile", []) + [(self.cur_mcid, self.cur_tag)]
    if isinstance(props, dict) and "MCID" in props:
        self.cur_mcid, self.cur_tag = props["MCID"], tag.name
    elif tag.name == "Artifact":
        self.cur_mcid, self.cur_tag = None, tag.name


def ferme(self):
    self.cur_mcid, self.cur_tag = self.pile.pop()


Lecteur.begin_tag, Lecteur.end_tag = ouvre, ferme


def texte(octets):
    if octets is None:
        return None
    return octets.decode("utf-16") if octets[:2] == b"\xfe\xff" else octets.decode("latin-1")


def nom(valeur):
    return getattr(valeur, "name", valeur)


def lit(chemin):
    with pdfplumber.open(chemin) as pdf:
        catalogue = pdf.doc.catalog
        meta = resolve1(catalogue["Metadata"]).get_data().decode("utf-8")
        mots, sans_marque = {}, ""
        for page in pdf.pages:
            for lettre in page.chars:
                if lettre.get("mcid") is None and lettre.get("tag") != "Artifact":
                    sans_marque += lettre["text"]
                if lettre.get("mcid") is not None:
                    cle = (page.page_number, lettre["mcid"])
                    mots[cle] = mots.get(cle, "") + lettre["text"]
        ordre, vus = [], set()
        numeros = {page.page_obj.pageid: page.page_number for page in pdf.pages}
        roles = resolve1(resolve1(catalogue["StructTreeRoot"]).get("RoleMap")) or {}

        # A page is named by the element, by one above it, or by the mark itself. Words come out where they are read.
        def parcourt(noeud, page):
            noeud = resolve1(noeud)
            if isinstance(noeud, int):
                vus.add((page, noeud))
                ordre[-1][2] += mots.get((page, noeud), "")
                return
            page = numeros[noeud["Pg"].objid] if "Pg" in noeud else page
            if nom(noeud.get("Type")) == "MCR":
                parcourt(noeud["MCID"], page)
                return
            if nom(noeud.get("Type")) == "OBJR":
                return
            genre = nom(noeud["S"])
            attributs = resolve1(noeud.get("A")) or []
            portees = [nom(resolve1(a).get("Scope")) for a in (attributs if isinstance(attributs, list) else [attributs])
                       if isinstance(resolve1(a), dict) and "Scope" in resolve1(a)]
            ordre.append([nom(roles.get(genre, genre)), portees[0] if portees else None, ""])
            enfants = resolve1(noeud.get("K", []))
            for enfant in enfants if isinstance(enfants, list) else [enfants]:
                parcourt(enfant, page)
            # What follows a child belongs to the element again.
            ordre.append(["suite", None, ""])

        racines = resolve1(resolve1(catalogue["StructTreeRoot"])["K"])
        for racine in racines if isinstance(racines, list) else [racines]:
            parcourt(racine, None)
        ordre = [element for element in ordre if element[0] != "suite" or element[2]]
        polices, incorporees = set(), True
        for page in pdf.pages:
            ressources = resolve1(page.page_obj.resources)
            for cle, police in (resolve1(ressources.get("Font")) or {}).items():
                police = resolve1(police)
                for descendant in resolve1(police.get("DescendantFonts", [])):
                    descripteur = resolve1(resolve1(descendant)["FontDescriptor"])
                    polices.add(str(nom(descripteur["FontName"])))
                    incorporees &= any(f in descripteur for f in ("FontFile", "FontFile2", "FontFile3"))
                incorporees &= "ToUnicode" in police
        ua = re.search(r"pdfuaid:part>?\D{0,2}(\d)", meta)
        partie = re.search(r"pdfaid:part>?\D{0,2}(\d)", meta)
        conformite = re.search(r"pdfaid:conformance>?[^A-Z]{0,2}([A-Z])", meta)
        return {
            "langue": texte(resolve1(catalogue.get("Lang"))),
            "titre": texte(resolve1(pdf.doc.info[0].get("Title"))) if pdf.doc.info else None,
            "titre_dans_xmp": "dc:title" in meta,
            "marque": bool(resolve1(resolve1(catalogue.get("MarkInfo", {})).get("Marked"))),
            "titre_montre": bool(resolve1(resolve1(catalogue.get("ViewerPreferences", {})).get("DisplayDocTitle"))),
            "pdfua": ua and ua.group(1),
            "pdfa": partie and partie.group(1) + (conformite.group(1) if conformite else ""),
            "plan": len(list(pdf.doc.get_outlines())) if "Outlines" in catalogue else 0,
            "pages": len(pdf.pages),
            "tabulation": all(nom(p.page_obj.attrs.get("Tabs")) == "S" for p in pdf.pages),
            "polices": sorted(polices),
            "polices_incorporees": incorporees,
            "hors_structure": sorted(mots[c] for c in mots if c not in vus) + ([sans_marque] if sans_marque else []),
            "depassent": sum(
                1 for p in pdf.pages for c in p.chars if c["x1"] > p.width + 1 or c["x0"] < -1 or c["bottom"] > p.height + 1
            ),
            "ordre": ordre,
        }


if __name__ == "__main__":
    json.dump([lit(chemin) for chemin in sys.argv[1:]], sys.stdout, ensure_ascii=False)
