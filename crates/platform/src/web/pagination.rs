//! Pages of a list, with the state in the URL.

/// One page of a list: the block `pagination.html` draws it.
#[derive(Clone, Debug)]
pub struct Pagination {
    /// This page, from 1.
    pub page: usize,
    /// How many pages, at least 1.
    pub pages: usize,
    /// How many things in all.
    pub total: usize,
    /// Path and query without the parameter `page`, ready for `page=`.
    base: String,
    /// Where the list begins in the page: `#resultats`.
    anchor: &'static str,
}

impl Pagination {
    /// `per_page` things a page; a page beyond the last becomes the last.
    pub fn new(total: usize, per_page: usize, page: usize, path: &str, query: &[(String, String)]) -> Self {
        let pages = total.div_ceil(per_page.max(1)).max(1);
        let kept: Vec<&(String, String)> =
            query.iter().filter(|(k, v)| k != "page" && !v.is_empty()).collect();
        let query = serde_urlencoded::to_string(kept).unwrap_or_default();
        let sep = if query.is_empty() { "" } else { "&" };
        Self {
            page: page.clamp(1, pages),
            pages,
            total,
            base: format!("{path}?{query}{sep}page="),
            anchor: "",
        }
    }

    /// Links lead to that part of the page, and the keyboard with them: `#resultats`.
    #[must_use]
    pub fn anchored(self, anchor: &'static str) -> Self {
        Self { anchor, ..self }
    }

    /// First thing of the page, from 0.
    pub fn offset(&self, per_page: usize) -> usize {
        (self.page - 1) * per_page
    }

    /// Address of a page.
    pub fn href(&self, page: impl std::fmt::Display) -> String {
        format!("{}{page}{}", self.base, self.anchor)
    }

    /// Pages to show: the first, the last, and those around this one; `None` for a gap.
    pub fn numbers(&self) -> Vec<Option<usize>> {
        let mut out = Vec::new();
        for n in 1..=self.pages {
            let near = n.abs_diff(self.page) <= 2 || n == 1 || n == self.pages;
            if near {
                out.push(Some(n));
            } else if out.last().is_some_and(Option::is_some) {
                out.push(None);
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_query_and_stays_within() {
        let query = vec![("q".to_owned(), "é&à".to_owned()), ("page".to_owned(), "9".to_owned())];
        let p = Pagination::new(45, 20, 9, "/lieux", &query);
        assert_eq!((p.page, p.pages, p.offset(20)), (3, 3, 40));
        assert_eq!(p.href(2), "/lieux?q=%C3%A9%26%C3%A0&page=2");
        assert_eq!(p.anchored("#resultats").href(1), "/lieux?q=%C3%A9%26%C3%A0&page=1#resultats");
        assert_eq!(Pagination::new(0, 20, 1, "/x", &[]).pages, 1);
        let long = Pagination::new(1000, 10, 50, "/x", &[]);
        assert_eq!(
            long.numbers(),
            [Some(1), None, Some(48), Some(49), Some(50), Some(51), Some(52), None, Some(100)]
        );
    }
}
