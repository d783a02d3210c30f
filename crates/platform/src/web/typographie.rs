//! Signs that go with a word stay on its line, as French writes them: done once for every page, where its text is, so that no
//! template and no sentence has to think of it.

/// What holds text that must stay letter for letter: it is copied, typed again, or read by a program.
const TELS_QUELS: [&str; 9] =
    ["script", "style", "pre", "code", "textarea", "title", "kbd", "samp", "template"];

/// The page with an unbreakable space before `:`, `;`, `!`, `?`, `»` and after `«`, in its text only.
pub(super) fn insecables(html: String) -> String {
    let mut out = String::with_capacity(html.len() + html.len() / 64);
    let mut reste = html.as_str();
    while let Some(ouvre) = reste.find('<') {
        texte(&reste[..ouvre], &mut out);
        reste = &reste[ouvre..];
        let fin = fin_de_balise(reste);
        let balise = &reste[..fin];
        out.push_str(balise);
        reste = &reste[fin..];
        if let Some(nom) = TELS_QUELS.into_iter().find(|nom| ouvre_sur(balise, nom)) {
            let fin = ferme(reste, nom);
            out.push_str(&reste[..fin]);
            reste = &reste[fin..];
        }
    }
    texte(reste, &mut out);
    out
}

/// Where the tag or the comment that the text begins with ends; a sign between quotes ends nothing.
fn fin_de_balise(html: &str) -> usize {
    if html.starts_with("<!--") {
        return html.find("-->").map_or(html.len(), |i| i + 3);
    }
    let mut guillemet = None;
    for (i, c) in html.bytes().enumerate() {
        match (guillemet, c) {
            (None, b'>') => return i + 1,
            (None, b'"' | b'\'') => guillemet = Some(c),
            (Some(g), c) if g == c => guillemet = None,
            _ => {}
        }
    }
    html.len()
}

fn ouvre_sur(balise: &str, nom: &str) -> bool {
    let reste = balise.strip_prefix('<').and_then(|b| b.strip_prefix(nom));
    reste.is_some_and(|r| r.starts_with(['>', ' ', '\n', '\t']))
}

/// Where the end tag of that name begins.
fn ferme(html: &str, nom: &str) -> usize {
    html.match_indices("</").map(|(i, _)| i).find(|i| html[i + 2..].starts_with(nom)).unwrap_or(html.len())
}

fn texte(texte: &str, out: &mut String) {
    let mut debut = 0;
    for (i, _) in texte.match_indices(' ') {
        // What was not copied yet, without this space.
        if colle(&texte[..i], &texte[i + 1..]) {
            out.push_str(&texte[debut..i]);
            out.push('\u{a0}');
            debut = i + 1;
        }
    }
    out.push_str(&texte[debut..]);
}

/// Whether the space between both is one that must not break.
fn colle(avant: &str, apres: &str) -> bool {
    if avant.ends_with('«') || apres.starts_with('»') {
        return true;
    }
    // A sign by itself: what follows it is not part of a word (`:root`, `?q=`).
    let seul = |c: char| c.is_whitespace() || matches!(c, ')' | '»' | '.' | ',');
    apres.strip_prefix([':', ';', '!', '?']).is_some_and(|r| r.chars().next().is_none_or(seul))
}

#[cfg(test)]
mod tests {
    use super::insecables;

    #[test]
    fn signs_stay_on_the_line_of_their_word() {
        for (html, attendu) in [
            ("<p>Ensuite : voir</p>", "<p>Ensuite~: voir</p>"),
            ("<dt>Nom :</dt>", "<dt>Nom~:</dt>"),
            ("<b>Nom</b> : Ali ; oui ! non ?", "<b>Nom</b>~: Ali~; oui~! non~?"),
            ("dit « oui » (vraiment ?)", "dit «~oui~» (vraiment~?)"),
            ("<p>« <em>oui</em> »</p>", "<p>«~<em>oui</em>~»</p>"),
            // Not text, or text to be kept.
            ("<a title=\"a : b\" href='x ?y'>c</a>", "<a title=\"a : b\" href='x ?y'>c</a>"),
            ("<a title=\"a > b : c\">d : e</a>", "<a title=\"a > b : c\">d~: e</a>"),
            ("<code>a : b</code> : c", "<code>a : b</code>~: c"),
            ("<pre class=\"x\">a : b</pre>", "<pre class=\"x\">a : b</pre>"),
            (
                "<textarea>a : b</textarea><title>c : d</title>",
                "<textarea>a : b</textarea><title>c : d</title>",
            ),
            ("<script>a ? b : c</script>", "<script>a ? b : c</script>"),
            ("<!-- a : b --> c : d", "<!-- a : b --> c~: d"),
            ("style :root et ?q= ; 12:30", "style :root et ?q=~; 12:30"),
            ("a &#38; b ; c", "a &#38; b~; c"),
            // Broken HTML loses nothing.
            ("<p title=\"a : b", "<p title=\"a : b"),
            ("<code>a : b", "<code>a : b"),
            ("a < b : c", "a < b : c"),
            ("", ""),
        ] {
            assert_eq!(insecables(html.to_owned()).replace('\u{a0}', "~"), attendu, "{html}");
        }
        let deja = "déjà\u{a0}: là".to_owned();
        assert_eq!(insecables(deja.clone()), deja);
    }
}
