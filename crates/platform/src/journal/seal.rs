//! The hash of a line.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use uuid::fmt::Hyphenated;

use super::Line;

/// A line with its four texts in one, as [`LAID_OUT`] reads it: what a row costs is the number of its cells.
pub(super) struct LaidOut {
    pub(super) seq: i64,
    pub(super) id: Uuid,
    pub(super) at: DateTime<Utc>,
    pub(super) by: Option<Uuid>,
    pub(super) seen_by: Option<Uuid>,
    /// Action, subject, its identifier and details, each with its length in bytes and a colon before it: what is sealed.
    pub(super) body: String,
    pub(super) previous: String,
    pub(super) hash: String,
}

/// Columns of a [`LaidOut`], in its order. Both engines count bytes with `octet_length`.
pub(super) const LAID_OUT: &str = "seq, id, at, \"by\", seen_by, \
     octet_length(action) || ':' || action || octet_length(subject) || ':' || subject || \
     octet_length(subject_id) || ':' || subject_id || octet_length(details) || ':' || details, previous, hash";

/// Hashes lines: SHA-256 over the fields, each with its length in bytes and a colon before it, so that no two different lines
/// give one text. One buffer serves for a million lines.
#[derive(Default)]
pub(super) struct Seal {
    text: Vec<u8>,
}

impl Seal {
    /// The hash that this line should bear, in hexadecimal.
    pub(super) fn of(&mut self, line: &Line) -> String {
        kernel::text::hex(&self.digest(line))
    }

    /// Whether the line bears its hash.
    pub(super) fn holds(&mut self, line: &Line) -> bool {
        is(&self.digest(line), &line.hash)
    }

    /// As [`Seal::holds`], for a line as the database lays it out for the walk.
    pub(super) fn holds_laid_out(&mut self, line: &LaidOut) -> bool {
        self.begin(line.seq, line.id, line.at, line.by, line.seen_by);
        self.text.extend_from_slice(line.body.as_bytes());
        self.field(line.previous.as_bytes());
        is(&Sha256::digest(&self.text).into(), &line.hash)
    }

    fn digest(&mut self, line: &Line) -> [u8; 32] {
        self.begin(line.seq, line.id, line.at, line.by, line.seen_by);
        for field in [&line.action, &line.subject, &line.subject_id, &line.details, &line.previous] {
            self.field(field.as_bytes());
        }
        Sha256::digest(&self.text).into()
    }

    fn begin(&mut self, seq: i64, id: Uuid, at: DateTime<Utc>, by: Option<Uuid>, seen_by: Option<Uuid>) {
        self.text.clear();
        self.signed(seq);
        self.uuid(Some(id));
        self.signed(at.timestamp_micros());
        self.uuid(by);
        self.uuid(seen_by);
    }

    fn field(&mut self, bytes: &[u8]) {
        self.text.extend_from_slice(decimal(bytes.len() as u64, &mut [0; 20]));
        self.text.push(b':');
        self.text.extend_from_slice(bytes);
    }

    fn signed(&mut self, number: i64) {
        let mut digits = [0; 20];
        if number < 0 {
            self.field(number.to_string().as_bytes());
        } else {
            self.field(decimal(number.unsigned_abs(), &mut digits));
        }
    }

    fn uuid(&mut self, id: Option<Uuid>) {
        match id {
            Some(id) => self.field(id.hyphenated().encode_lower(&mut [0; Hyphenated::LENGTH]).as_bytes()),
            None => self.field(b""),
        }
    }
}

/// Whether these are the digits of that digest.
fn is(digest: &[u8; 32], hash: &str) -> bool {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    hash.len() == 2 * digest.len()
        && digest.iter().zip(hash.as_bytes().chunks_exact(2)).all(|(byte, pair)| {
            pair[0] == DIGITS[usize::from(byte >> 4)] && pair[1] == DIGITS[usize::from(byte & 15)]
        })
}

/// The digits of a number: `u64::MAX` has twenty.
fn decimal(mut number: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        if number == 0 || first == 0 {
            return &digits[first..];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hash as the first version computed it: what was sealed then must hold for ever.
    fn of_the_first_version(line: &Line) -> String {
        let fields = [
            line.seq.to_string(),
            line.id.to_string(),
            line.at.timestamp_micros().to_string(),
            line.by.map(|u| u.to_string()).unwrap_or_default(),
            line.seen_by.map(|u| u.to_string()).unwrap_or_default(),
            line.action.clone(),
            line.subject.clone(),
            line.subject_id.clone(),
            line.details.clone(),
            line.previous.clone(),
        ];
        let mut hasher = Sha256::new();
        for field in &fields {
            hasher.update(format!("{}:", field.len()));
            hasher.update(field);
        }
        kernel::text::hex(&hasher.finalize())
    }

    fn laid_out(line: &Line) -> LaidOut {
        let texts = [&line.action, &line.subject, &line.subject_id, &line.details];
        LaidOut {
            seq: line.seq,
            id: line.id,
            at: line.at,
            by: line.by,
            seen_by: line.seen_by,
            body: texts.map(|t| format!("{}:{t}", t.len())).concat(),
            previous: line.previous.clone(),
            hash: line.hash.clone(),
        }
    }

    #[test]
    fn the_hash_is_that_of_the_first_version() {
        let mut seal = Seal::default();
        for (seq, micros) in
            [(0, 0), (1, -1), (9, i64::MIN / 4), (10, 1_790_000_000_000_000), (i64::MAX, 99), (i64::MIN, 100)]
        {
            let mut line = Line {
                seq,
                id: Uuid::from_u128(seq.unsigned_abs().into()),
                at: chrono::DateTime::from_timestamp_micros(micros).unwrap_or_default(),
                by: (seq % 2 == 0).then(|| Uuid::from_u128(7)),
                seen_by: (seq % 2 == 1).then(|| Uuid::from_u128(8)),
                action: "été.2:".to_owned(),
                subject: String::new(),
                subject_id: "1".repeat(usize::try_from(seq.clamp(0, 1200)).unwrap_or(0)),
                details: "{\"a\":1}".to_owned(),
                previous: "00".repeat(32),
                hash: String::new(),
            };
            line.hash = seal.of(&line);
            assert_eq!(line.hash, of_the_first_version(&line));
            assert!(seal.holds(&line));
            assert!(seal.holds_laid_out(&laid_out(&line)));
            for wrong in
                [String::new(), line.hash.to_uppercase() + "0", line.hash.replace(['0', '1', '2', '3'], "f")]
            {
                assert!(!seal.holds(&Line { hash: wrong, ..line.clone() }));
            }
        }
    }
}
