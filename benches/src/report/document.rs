//! The page that holds the last results.

use std::fs;
use std::path::Path;

use crate::Result;

/// The results stand under this heading, which is the page's last of its rank.
const HEADING: &str = "## Results\n";

/// Puts new results in the place of the old ones.
pub(super) fn renew(path: &Path, results: &str) -> Result<()> {
    let page = fs::read_to_string(path)?;
    Ok(fs::write(
        path,
        renewed(&page, results).ok_or("the page has no results")?,
    )?)
}

fn renewed(page: &str, results: &str) -> Option<String> {
    let (before, _) = page.split_once(HEADING)?;
    Some(format!("{before}{HEADING}\n{results}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_results_stays() {
        let page = "# A\n\ntext\n\n## Results\n\nold\n";
        let new = renewed(page, "new\n").unwrap();
        assert_eq!(new, "# A\n\ntext\n\n## Results\n\nnew\n");
        assert_eq!(renewed(&new, "new\n"), Some(new));
        assert_eq!(renewed("# A\n", "new"), None);
    }
}
