//! One-time codes by an application (RFC 6238: SHA-1, 6 digits, 30 seconds: what every
//! application knows).

use kernel::Chance;
use totp_rs::{Algorithm, Builder, Totp};

/// Steps accepted before and after the present one: the clocks of telephones differ a little.
const SKEW: u16 = 1;

/// The seed shared with the person's application.
#[derive(Clone, PartialEq, Eq)]
pub struct Graine([u8; 20]);

impl std::fmt::Debug for Graine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Graine(…)")
    }
}

impl Graine {
    /// A new seed of 160 bits.
    pub fn new(chance: &Chance) -> Self {
        Self(chance.bytes())
    }

    /// A stored seed.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// As it is stored (sealed).
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    fn totp(&self, account: &str, issuer: &str) -> Option<Totp> {
        let clean = |s: &str| s.replace(':', " ");
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_skew(SKEW)
            .with_step_duration(30)
            .with_secret(self.0.to_vec())
            .with_account_name(clean(account))
            .with_issuer(Some(clean(issuer)))
            .build()
            .ok()
    }

    /// The seed as people type it: base32 in groups of four.
    pub fn text(&self) -> String {
        let code = self.totp("x", "x").map(|t| t.secret().to_base32()).unwrap_or_default();
        let groups: Vec<String> =
            code.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c).into_owned()).collect();
        groups.join(" ")
    }

    /// The `otpauth://` address that the QR code holds.
    pub fn url(&self, account: &str, issuer: &str) -> Option<String> {
        self.totp(account, issuer)?.to_url().ok()
    }

    /// The step that the code matches at `now` (seconds since 1970), if any, and if it lies after
    /// the last step already used: a code seen over a shoulder serves nobody twice.
    pub fn check(&self, typed: &str, now: i64, last_step: Option<i64>) -> Option<i64> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let step = self.totp("x", "x")?.check(&digits, u64::try_from(now).ok()?)?;
        let step = i64::try_from(step).ok()?;
        last_step.is_none_or(|last| step > last).then_some(step)
    }

    /// The code of an instant (seconds since 1970): for tests and the demonstration.
    pub fn code_at(&self, now: i64) -> String {
        self.totp("x", "x")
            .map(|t| t.generate(u64::try_from(now).unwrap_or(0)).to_string())
            .unwrap_or_default()
    }

    /// The seed of a card, as its maker writes it: 40 hexadecimal digits.
    pub fn from_hex(typed: &str) -> Option<Self> {
        let digits: Vec<u32> =
            typed.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16)).collect::<Option<_>>()?;
        let mut bytes = [0; 20];
        if digits.len() != 40 {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::try_from(pair[0] * 16 + pair[1]).ok()?;
        }
        Some(Self(bytes))
    }

    /// The code of a step, of a card or of an application.
    pub fn code_of_step(&self, step: i64) -> String {
        // The library counts steps of thirty seconds: its instant of that step gives the same counter.
        self.code_at(step.saturating_mul(30))
    }

    /// The step that a card's code matches, by the clock of the card: `present` is the step of ours, `drift` how far the
    /// card's was last, `window` how far it may have moved since (RFC 6238, section 6). The nearest step first; none that is
    /// not after the last one used.
    pub fn check_card(
        &self,
        typed: &str,
        present: i64,
        drift: i64,
        window: i64,
        last_step: Option<i64>,
    ) -> Option<i64> {
        let digits: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let around = (0..=window.max(0)).flat_map(|d| if d == 0 { vec![0] } else { vec![d, -d] });
        around
            .map(|d| present + drift + d)
            .filter(|step| *step >= 0 && last_step.is_none_or(|last| *step > last))
            .find(|step| same(self.code_of_step(*step).as_bytes(), digits.as_bytes()))
    }
}

/// Whether both are the same, in a time that does not tell where they differ.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |d, (x, y)| d | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vectors of RFC 6238, appendix B (SHA-1), last six digits.
    #[test]
    fn rfc_vectors() {
        let graine = Graine::from_bytes(b"12345678901234567890").unwrap();
        for (now, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            assert_eq!(graine.code_at(now), code);
            assert!(graine.check(code, now, None).is_some());
        }
    }

    #[test]
    fn cards_are_read_by_their_own_clock() {
        let graine = Graine::from_hex("31323334353637383930 31323334353637383930").unwrap();
        assert_eq!(graine, Graine::from_bytes(b"12345678901234567890").unwrap());
        // RFC 6238, appendix B: 1111111109 s is step 0x23523EC of 30 s.
        let step = 0x23_523EC;
        assert_eq!(graine.code_of_step(step), "081804");
        let check = |present, drift, window, last| graine.check_card("081 804", present, drift, window, last);
        assert_eq!(check(step, 0, 1, None), Some(step));
        assert_eq!(check(step - 1, 0, 1, None), Some(step));
        assert_eq!(check(step + 1, 0, 1, None), Some(step));
        assert_eq!(check(step + 2, 0, 1, None), None);
        assert_eq!(
            check(step + 12, -12, 1, None),
            Some(step),
            "a card that is twelve steps late, and known to be"
        );
        assert_eq!(check(step + 30, 0, 30, None), Some(step), "once more in step");
        assert_eq!(check(step + 31, 0, 30, None), None);
        assert_eq!(check(step, 0, 30, Some(step)), None, "replayed");
        assert_eq!(check(step, 0, 30, Some(step - 1)), Some(step));
        for bad in ["", "31", "zz", &"3".repeat(39), &"3".repeat(41)] {
            assert!(Graine::from_hex(bad).is_none(), "{bad}");
        }
        for bad in ["", "08180", "081804x", "٠٨١٨٠٤"] {
            assert_eq!(graine.check_card(bad, step, 0, 1, None), None, "{bad}");
        }
    }

    #[test]
    fn one_step_each_side_and_never_twice() {
        let graine = Graine::new(&Chance::seeded(5));
        let now = 1_700_000_000;
        let code = graine.code_at(now);
        let step = graine.check(&code, now, None).unwrap();
        assert_eq!(step, now / 30);
        assert_eq!(graine.check(&format!(" {} {} ", &code[..3], &code[3..]), now, None), Some(step));
        for (later, accepted) in [(30, true), (-30, true), (60, false), (-60, false), (90, false)] {
            let at = graine.code_at(now + later);
            assert_eq!(graine.check(&at, now, None).is_some(), accepted, "{later}");
        }
        assert_eq!(graine.check(&code, now, Some(step)), None, "replayed");
        assert_eq!(
            graine.check(&graine.code_at(now - 30), now, Some(step)),
            None,
            "older than the last used"
        );
        for bad in ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-12345"] {
            assert_eq!(graine.check(bad, now, None), None, "{bad}");
        }
        assert!(graine.url("a@b.fr", "Maillage").unwrap().starts_with("otpauth://totp/"));
        assert_eq!(graine.text().replace(' ', "").len(), 32);
    }
}
