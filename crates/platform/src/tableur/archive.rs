//! A ZIP file written forward only: small parts whole, one long part as it comes. Nothing is read back, so that a list of any
//! length passes through one buffer.

use std::io::{self, Write};
use std::mem;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// 1 January 1980, the zero of DOS: an export does not tell when its machine thought it was.
const JOUR_DOS: u16 = 0x0021;
const STOCKE: u16 = 0;
const COMPRIME: u16 = 8;
/// Sizes follow the data; the name is UTF-8.
const AU_FIL: u16 = 0x0808;
const UTF8: u16 = 0x0800;

struct Entree {
    nom: &'static str,
    drapeaux: u16,
    methode: u16,
    crc: u32,
    comprimes: u32,
    octets: u32,
    debut: u32,
}

/// The file, as far as it is written.
pub(super) struct Archive {
    sortie: Vec<u8>,
    /// Bytes that were taken out already.
    partis: u64,
    entrees: Vec<Entree>,
    /// The long part, once begun.
    longue: Option<(DeflateEncoder<Vec<u8>>, Crc, u64)>,
}

fn trop() -> io::Error {
    io::Error::other("a list of more than 4 GiB does not fit into a workbook")
}

fn court(n: u64) -> io::Result<u32> {
    u32::try_from(n).map_err(|_| trop())
}

impl Archive {
    pub(super) fn new() -> Self {
        Self { sortie: Vec::new(), partis: 0, entrees: Vec::new(), longue: None }
    }

    fn place(&self) -> io::Result<u32> {
        court(self.partis + self.sortie.len() as u64)
    }

    fn entete(&mut self, e: &Entree) {
        let out = &mut self.sortie;
        out.extend(0x0403_4b50_u32.to_le_bytes());
        out.extend(20_u16.to_le_bytes());
        champs(out, e);
        out.extend(e.nom.as_bytes());
    }

    /// A part that is known whole, not compressed: readers of ODS want the first one so.
    pub(super) fn partie(&mut self, nom: &'static str, contenu: &[u8]) -> io::Result<()> {
        let mut crc = Crc::new();
        crc.update(contenu);
        let octets = court(contenu.len() as u64)?;
        let debut = self.place()?;
        let e =
            Entree { nom, drapeaux: UTF8, methode: STOCKE, crc: crc.sum(), comprimes: octets, octets, debut };
        self.entete(&e);
        self.sortie.extend(contenu);
        self.entrees.push(e);
        Ok(())
    }

    /// Begins the long part, the last one.
    pub(super) fn commence(&mut self, nom: &'static str) -> io::Result<()> {
        let debut = self.place()?;
        let e = Entree { nom, drapeaux: AU_FIL, methode: COMPRIME, crc: 0, comprimes: 0, octets: 0, debut };
        self.entete(&e);
        self.entrees.push(e);
        self.longue = Some((DeflateEncoder::new(Vec::new(), Compression::new(5)), Crc::new(), 0));
        Ok(())
    }

    /// Goes on with the long part.
    pub(super) fn suite(&mut self, contenu: &[u8]) -> io::Result<()> {
        let Some((flux, crc, octets)) = &mut self.longue else { return Ok(()) };
        flux.write_all(contenu)?;
        crc.update(contenu);
        *octets += contenu.len() as u64;
        self.sortie.append(flux.get_mut());
        Ok(())
    }

    /// What is ready to leave.
    pub(super) fn prend(&mut self) -> Vec<u8> {
        self.partis += self.sortie.len() as u64;
        mem::take(&mut self.sortie)
    }

    /// Ends the long part and the file.
    pub(super) fn termine(mut self) -> io::Result<Vec<u8>> {
        if let (Some((flux, crc, octets)), Some(mut e)) = (self.longue.take(), self.entrees.pop()) {
            self.sortie.extend(flux.finish()?);
            // Header of a local file: 30 bytes and the name.
            let donnees = u64::from(e.debut) + 30 + e.nom.len() as u64;
            e.comprimes = court(u64::from(self.place()?) - donnees)?;
            (e.octets, e.crc) = (court(octets)?, crc.sum());
            self.sortie.extend(0x0807_4b50_u32.to_le_bytes());
            for n in [e.crc, e.comprimes, e.octets] {
                self.sortie.extend(n.to_le_bytes());
            }
            self.entrees.push(e);
        }
        let debut = self.place()?;
        for e in &self.entrees {
            let out = &mut self.sortie;
            out.extend(0x0201_4b50_u32.to_le_bytes());
            out.extend([20_u16, 20].map(u16::to_le_bytes).concat());
            champs(out, e);
            // No comment, first disk, no attribute.
            out.extend([0_u8; 10]);
            out.extend(e.debut.to_le_bytes());
            out.extend(e.nom.as_bytes());
        }
        let taille = self.place()? - debut;
        let nombre = u16::try_from(self.entrees.len()).map_err(|_| trop())?;
        self.sortie.extend(0x0605_4b50_u32.to_le_bytes());
        self.sortie.extend([0, 0, nombre, nombre].map(u16::to_le_bytes).concat());
        self.sortie.extend([taille, debut].map(u32::to_le_bytes).concat());
        self.sortie.extend([0_u8; 2]);
        Ok(self.sortie)
    }
}

/// What a local header and the directory say alike, from the flags to the length of the extra field.
fn champs(out: &mut Vec<u8>, e: &Entree) {
    let nom = u16::try_from(e.nom.len()).unwrap_or_default();
    out.extend([e.drapeaux, e.methode, 0, JOUR_DOS].map(u16::to_le_bytes).concat());
    out.extend([e.crc, e.comprimes, e.octets].map(u32::to_le_bytes).concat());
    out.extend([nom, 0].map(u16::to_le_bytes).concat());
}
