//! A QR code as inline SVG: no script, no image file, nothing for a strict CSP to refuse.

use fast_qr::{ECL, QRBuilder};

/// The SVG of a QR code that holds `text`; `None` when the text is too long for one.
/// It is decorative beside the same text in letters, hence hidden from assistive technologies.
pub fn svg(text: &str) -> Option<String> {
    use std::fmt::Write;
    let qr = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let side = qr.size + 8;
    let mut path = String::new();
    for y in 0..qr.size {
        for x in 0..qr.size {
            if qr[y][x].value() {
                let _ = write!(path, "M{} {}h1v1h-1z", x + 4, y + 4);
            }
        }
    }
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" width=\"220\" height=\"220\" \
         aria-hidden=\"true\" focusable=\"false\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    #[test]
    fn draws_short_texts_and_declines_long_ones() {
        let svg = super::svg("otpauth://totp/Maillage:a%40b.fr?secret=ABC&issuer=Maillage").unwrap();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>") && !svg.contains("<script"));
        assert!(super::svg(&"x".repeat(5000)).is_none());
    }
}
