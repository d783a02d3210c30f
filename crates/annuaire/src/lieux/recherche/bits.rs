//! Sets of lieux, one bit each.

/// A set of places in the index, all of one length.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    pub(super) fn vide(n: usize) -> Self {
        Self(vec![0; n.div_ceil(64)])
    }

    pub(super) fn plein(n: usize) -> Self {
        let mut mots = vec![u64::MAX; n.div_ceil(64)];
        if let Some(last) = mots.last_mut()
            && !n.is_multiple_of(64)
        {
            *last = (1 << (n % 64)) - 1;
        }
        Self(mots)
    }

    pub(super) fn ajoute(&mut self, i: usize) {
        self.0[i / 64] |= 1 << (i % 64);
    }

    pub(super) fn contient(&self, i: usize) -> bool {
        self.0[i / 64] & (1 << (i % 64)) != 0
    }

    pub(super) fn et(&mut self, autre: &Self) {
        self.0.iter_mut().zip(&autre.0).for_each(|(a, b)| *a &= b);
    }

    pub(super) fn ou(&mut self, autre: &Self) {
        self.0.iter_mut().zip(&autre.0).for_each(|(a, b)| *a |= b);
    }

    pub(super) fn compte(&self) -> usize {
        self.0.iter().map(|m| m.count_ones() as usize).sum()
    }

    /// How many are in both, without making the third set.
    pub(super) fn compte_et(&self, autre: &Self) -> u32 {
        self.0.iter().zip(&autre.0).map(|(a, b)| (a & b).count_ones()).sum()
    }

    /// The places, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(i, mot)| {
            let mut reste = *mot;
            std::iter::from_fn(move || {
                (reste != 0).then(|| {
                    let bit = reste.trailing_zeros() as usize;
                    reste &= reste - 1;
                    i * 64 + bit
                })
            })
        })
    }
}
