//! From what the user named to the list of jobs: which files, and what their thumbnails are called.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use image::ImageFormat;

/// The file that all thumbnails are shown on together.
pub(crate) const CONTACT_SHEET: &str = "contact-sheet.png";

/// One image to make a thumbnail of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Job {
    /// The image.
    pub(crate) source: PathBuf,
    /// The file name of its thumbnail, unlike that of every other job.
    pub(crate) output: String,
}

impl Job {
    /// How the image is called where there is little room.
    pub(crate) fn label(&self) -> String {
        self.source
            .file_name()
            .unwrap_or(self.source.as_os_str())
            .to_string_lossy()
            .into_owned()
    }
}

/// Why no list of jobs could be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    /// A folder that was named could not be listed.
    #[error("cannot list the folder {}", folder.display())]
    List {
        folder: PathBuf,
        #[source]
        cause: io::Error,
    },
    /// A folder that was named holds nothing to do.
    #[error("no images in the folder {}", .0.display())]
    Empty(PathBuf),
}

/// One job for each file in `inputs`, in that order, and for each image directly in the folders among them,
/// by name. A file that is missing or no image is a job as well: that it fails is known when its turn comes.
pub(crate) fn plan(inputs: &[PathBuf]) -> Result<Vec<Job>, PlanError> {
    let mut sources = Vec::new();
    for input in inputs {
        if input.is_dir() {
            sources.extend(images_in(input)?);
        } else {
            sources.push(input.clone());
        }
    }
    Ok(name_outputs(sources))
}

fn images_in(folder: &Path) -> Result<Vec<PathBuf>, PlanError> {
    let failed = |cause| PlanError::List {
        folder: folder.to_owned(),
        cause,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if ImageFormat::from_path(&path).is_ok_and(|format| format.reading_enabled())
            && path.is_file()
        {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(PlanError::Empty(folder.to_owned()));
    }
    found.sort();
    Ok(found)
}

/// `tree.jpg` becomes `tree.png`; the next one of that name `tree-2.png`. Names that differ in case alone count
/// as one, since on some file systems they are.
fn name_outputs(sources: Vec<PathBuf>) -> Vec<Job> {
    let mut taken = HashSet::from([CONTACT_SHEET.to_owned()]);
    let mut free_name = |source: &Path| {
        let stem = source
            .file_stem()
            .unwrap_or(source.as_os_str())
            .to_string_lossy();
        let mut name = format!("{stem}.png");
        let mut number = 2_u32;
        while !taken.insert(name.to_lowercase()) {
            name = format!("{stem}-{number}.png");
            number += 1;
        }
        name
    };
    sources
        .into_iter()
        .map(|source| Job {
            output: free_name(&source),
            source,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(sources: &[&str]) -> Vec<String> {
        name_outputs(sources.iter().map(PathBuf::from).collect())
            .into_iter()
            .map(|job| job.output)
            .collect()
    }

    #[test]
    fn every_thumbnail_has_a_name_of_its_own() {
        assert_eq!(
            outputs(&["a/tree.jpg", "b/tree.gif", "c/Tree.png", "tree-2.bmp"]),
            ["tree.png", "tree-2.png", "Tree-3.png", "tree-2-2.png"]
        );
    }

    #[test]
    fn no_thumbnail_overwrites_the_contact_sheet() {
        assert_eq!(outputs(&["contact-sheet.jpg"]), ["contact-sheet-2.png"]);
    }

    #[test]
    fn a_path_without_a_file_name_has_a_label() {
        let jobs = name_outputs(vec![PathBuf::from("..")]);
        assert_eq!(
            (jobs[0].label().as_str(), jobs[0].output.as_str()),
            ("..", "...png")
        );
    }

    #[test]
    fn a_folder_gives_its_images_in_order_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.PNG", "a.jpg", "notes.txt", "c.tiff"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        fs::create_dir(folder.path().join("d.png")).unwrap();
        let jobs = plan(&[folder.path().to_owned(), PathBuf::from("missing.png")]).unwrap();
        let labels: Vec<_> = jobs.iter().map(Job::label).collect();
        assert_eq!(labels, ["a.jpg", "b.PNG", "missing.png"]);
    }

    #[test]
    fn a_folder_without_images_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            plan(&[folder.path().to_owned()]),
            Err(PlanError::Empty(_))
        ));
    }
}
