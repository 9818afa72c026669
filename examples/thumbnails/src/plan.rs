//! From what the user named to the list of jobs: which files, and what their thumbnails are called.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use image::ImageFormat;

use crate::printable::printable;

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
        let name = self.source.file_name().unwrap_or(self.source.as_os_str());
        printable(&name.to_string_lossy())
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
    /// An image would be lost to a thumbnail.
    #[error("{} is one of the images and would be overwritten: choose another folder with --out", .0.display())]
    Overwrites(PathBuf),
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

/// Makes sure that nothing that is going to be written into `out` is a file that is going to be read.
pub(crate) fn spare_sources(jobs: &[Job], out: &Path) -> Result<(), PlanError> {
    let sources: HashSet<_> = jobs
        .iter()
        .filter_map(|job| identity(&job.source))
        .collect();
    let outputs = jobs.iter().map(|job| job.output.as_str());
    for output in outputs.chain([CONTACT_SHEET]) {
        let path = out.join(output);
        if identity(&path).is_some_and(|file| sources.contains(&file)) {
            return Err(PlanError::Overwrites(path));
        }
    }
    Ok(())
}

/// Which file a path leads to, by whatever name; `None` if there is none.
fn identity(path: &Path) -> Option<(u64, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some((metadata.dev(), metadata.ino()))
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
    fn a_label_has_one_line() {
        let jobs = name_outputs(vec![PathBuf::from("in/two\nlines\x1b[2J.png")]);
        assert_eq!(jobs[0].label(), "two lines [2J.png");
    }

    #[test]
    fn no_image_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("tree.png"), "").unwrap();
        std::os::unix::fs::symlink("tree.png", path("oak.png")).unwrap();
        let spared = |source: PathBuf| spare_sources(&name_outputs(vec![source]), folder.path());
        for name in ["tree.png", "oak.png"] {
            let refused = spared(path(name));
            assert!(
                matches!(&refused, Err(PlanError::Overwrites(at)) if *at == path(name)),
                "{refused:?}"
            );
        }
        // A thumbnail of an earlier run is in nobody's way.
        spared(PathBuf::from("elsewhere/tree.png")).unwrap();
        fs::write(path(CONTACT_SHEET), "").unwrap();
        assert!(spared(path(CONTACT_SHEET)).is_err());
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
