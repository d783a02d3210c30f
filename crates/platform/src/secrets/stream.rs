//! Sealing what is too long for one breath: a backup. The STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015) over
//! XChaCha20-Poly1305: pieces of 64 Kio, each with its place, the last one marked, so that a file cut, reordered or lengthened
//! does not open.

use std::io::{self, Read, Write};

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::generic_array::GenericArray;
use chacha20poly1305::aead::stream::{DecryptorBE32, EncryptorBE32};
use kernel::Chance;

use super::{SealError, Secrets};

/// What a sealed file begins with.
pub const MAGIC: &[u8; 24] = b"maillage fichier scelle\n";
const PIECE: usize = 64 * 1024;
const TAG: usize = 16;
/// Of the 24 bytes of the nonce, five are the place of the piece and its end.
const NONCE: usize = 19;
/// Says which key: a wrong one is told from a damaged file.
const KEY_NAME: usize = 8;

impl Secrets {
    /// Seals all that is written to `out`. [`Sealing::finish`] must be called: a file without its last piece does not open.
    ///
    /// # Errors
    /// When no key is configured, or `out` cannot be written.
    pub fn sealing<W: Write>(&self, chance: &Chance, mut out: W) -> io::Result<Sealing<W>> {
        let cipher = self.cipher.as_deref().ok_or_else(|| io::Error::other(SealError))?;
        let nonce = chance.bytes::<NONCE>();
        out.write_all(MAGIC)?;
        out.write_all(&self.key_name())?;
        out.write_all(&nonce)?;
        let sealer = EncryptorBE32::from_aead(cipher.clone(), GenericArray::from_slice(&nonce));
        Ok(Sealing { out, sealer, piece: Vec::with_capacity(PIECE + TAG) })
    }

    /// Opens what [`Secrets::sealing`] sealed; `sealed` stands at the beginning of the file.
    ///
    /// # Errors
    /// [`SealError`] inside when the key is not the one that sealed, or when there is none; else what reading says.
    pub fn opening<R: Read>(&self, mut sealed: R) -> io::Result<Opening<R>> {
        let mut head = [0; MAGIC.len() + KEY_NAME + NONCE];
        sealed.read_exact(&mut head)?;
        let (named, nonce) = head[MAGIC.len()..].split_at(KEY_NAME);
        let cipher = self.cipher.as_deref().filter(|_| named == self.key_name());
        let cipher = cipher.ok_or_else(|| io::Error::other(SealError))?;
        let opener = DecryptorBE32::from_aead(cipher.clone(), GenericArray::from_slice(nonce));
        Ok(Opening { sealed, opener: Some(opener), ahead: Vec::new(), piece: Vec::new(), read: 0 })
    }

    /// Whether a key is configured.
    pub fn has_key(&self) -> bool {
        self.cipher.is_some()
    }

    fn key_name(&self) -> [u8; KEY_NAME] {
        self.fingerprint("fichier scellé", "").as_bytes().first_chunk().copied().unwrap_or_default()
    }
}

/// Seals what is written to it.
pub struct Sealing<W: Write> {
    out: W,
    sealer: EncryptorBE32<XChaCha20Poly1305>,
    piece: Vec<u8>,
}

impl<W: Write> Sealing<W> {
    /// Writes the last piece. Returns what lies below.
    ///
    /// # Errors
    /// What writing says.
    pub fn finish(self) -> io::Result<W> {
        let Self { mut out, sealer, piece } = self;
        let sealed = sealer.encrypt_last(piece.as_slice()).map_err(|_| io::Error::other(SealError))?;
        out.write_all(&sealed)?;
        Ok(out)
    }
}

impl<W: Write> Write for Sealing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full piece waits for what follows: the last one is sealed as such.
        if self.piece.len() == PIECE {
            let sealed =
                self.sealer.encrypt_next(self.piece.as_slice()).map_err(|_| io::Error::other(SealError))?;
            self.out.write_all(&sealed)?;
            self.piece.clear();
        }
        let taken = bytes.len().min(PIECE - self.piece.len());
        self.piece.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Gives in clear what it reads. A file that changed ends with an error, never with an early end.
pub struct Opening<R: Read> {
    sealed: R,
    /// None once the last piece is open.
    opener: Option<DecryptorBE32<XChaCha20Poly1305>>,
    /// A sealed piece: whether it is the last is known when nothing follows.
    ahead: Vec<u8>,
    piece: Vec<u8>,
    read: usize,
}

impl<R: Read> Opening<R> {
    fn next_piece(&mut self) -> io::Result<()> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "le fichier scellé est abîmé");
        let Some(mut opener) = self.opener.take() else { return Ok(()) };
        // One byte more than a piece: it belongs to the next.
        let wanted = (PIECE + TAG + 1 - self.ahead.len()) as u64;
        (&mut self.sealed).take(wanted).read_to_end(&mut self.ahead)?;
        self.read = 0;
        if self.ahead.len() > PIECE + TAG {
            let next = self.ahead.split_off(PIECE + TAG);
            self.piece = opener.decrypt_next(self.ahead.as_slice()).map_err(|_| damaged())?;
            self.ahead = next;
            self.opener = Some(opener);
        } else {
            self.piece = opener.decrypt_last(self.ahead.as_slice()).map_err(|_| damaged())?;
        }
        Ok(())
    }
}

impl<R: Read> Read for Opening<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.read == self.piece.len() && self.opener.is_some() {
            self.next_piece()?;
        }
        let given = into.len().min(self.piece.len() - self.read);
        into[..given].copy_from_slice(&self.piece[self.read..self.read + given]);
        self.read += given;
        Ok(given)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Mode;

    fn with(key: Option<&str>) -> Secrets {
        Secrets::new(key, Mode::Serve, &Chance::seeded(3))
    }

    fn sealed(clear: &[u8]) -> Vec<u8> {
        let mut out = with(Some("a")).sealing(&Chance::seeded(9), Vec::new()).unwrap();
        // As a program writes: in unequal parts.
        for part in clear.chunks(10_007) {
            out.write_all(part).unwrap();
        }
        out.finish().unwrap()
    }

    fn opened(secrets: &Secrets, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let mut clear = Vec::new();
        secrets.opening(sealed)?.read_to_end(&mut clear)?;
        Ok(clear)
    }

    #[test]
    fn every_length_comes_back() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 17] {
            let clear: Vec<u8> = (0..length).map(|i| u8::try_from(i % 251).unwrap()).collect();
            let file = sealed(&clear);
            assert_eq!(opened(&with(Some("a")), &file).unwrap(), clear, "{length}");
            assert!(length < 64 || !file.windows(32).any(|w| w == &clear[..32]), "in clear: {length}");
        }
    }

    #[test]
    fn another_key_is_told_from_damage() {
        let file = sealed(b"une personne");
        for secrets in [with(Some("b")), with(None)] {
            let refused = opened(&secrets, &file).unwrap_err();
            assert!(refused.get_ref().is_some_and(|e| e.is::<SealError>()), "{refused}");
        }
        assert!(with(None).sealing(&Chance::seeded(1), Vec::new()).is_err());
    }

    #[test]
    fn what_is_cut_changed_moved_or_lengthened_does_not_open() {
        let file = sealed(&vec![7; 3 * PIECE]);
        let head = MAGIC.len() + KEY_NAME + NONCE;
        let piece = PIECE + TAG;
        let moved = [
            &file[..head],
            &file[head + piece..head + 2 * piece],
            &file[head..head + piece],
            &file[head + 2 * piece..],
        ]
        .concat();
        let mut damaged = vec![
            file[..file.len() - 1].to_vec(),
            file[..head + piece].to_vec(),
            file[..head + 2 * piece].to_vec(),
            file[..head].to_vec(),
            moved,
        ];
        damaged.push([file.as_slice(), b"x"].concat());
        for at in [MAGIC.len() + KEY_NAME, head, head + piece, file.len() - 1] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            damaged.push(changed);
        }
        for (n, file) in damaged.iter().enumerate() {
            assert!(opened(&with(Some("a")), file).is_err(), "{n}");
        }
    }
}
