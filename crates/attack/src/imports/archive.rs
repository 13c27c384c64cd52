//! Zip archives, read in memory: only files stored or deflated, with plain paths, up to bounds that the unpacked bytes
//! are held to, whatever the archive says of them.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::limits::{ARCHIVE_BYTES, ARCHIVE_FILE_BYTES, ARCHIVE_FILES};

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the archive, with `/`.
    pub path: String,
    /// What it holds, or why that cannot be read: a code and a sentence.
    pub content: Result<Vec<u8>, (&'static str, String)>,
}

/// Does it begin as a zip does?
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// The files whose path is wanted, in the order of their paths. An error is one of the whole archive: a code and a sentence.
pub fn read(bytes: &[u8], wanted: impl Fn(&str) -> bool) -> Result<Vec<Entry>, (&'static str, String)> {
    let broken = |e: &dyn std::fmt::Display| ("zip", format!("The archive cannot be read: {e}."));
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(&e))?;
    if archive.len() > ARCHIVE_FILES {
        return Err(("too_many", format!("The archive holds {} files; at most {ARCHIVE_FILES}.", archive.len())));
    }
    let (mut entries, mut left) = (Vec::new(), ARCHIVE_BYTES);
    for i in 0..archive.len() {
        let (path, is_file, encrypted, plain) = {
            let file = archive.by_index_raw(i).map_err(|e| broken(&e))?;
            let path = file.name().map_err(|e| broken(&e))?.replace('\\', "/");
            (path, file.is_file() && !file.is_symlink(), file.encrypted(), file.enclosed_name().is_some())
        };
        if !is_file || !wanted(&path) {
            continue;
        }
        let content = if !plain || path.starts_with('/') || path.split('/').any(|part| part == "..") {
            Err(("path", "The path leads out of the archive.".to_owned()))
        } else if encrypted {
            Err(("encrypted", "The file is encrypted.".to_owned()))
        } else {
            match archive.by_index(i) {
                Ok(file) => unpack(file, &mut left)?,
                Err(e) => Err(broken(&e)),
            }
        };
        entries.push(Entry { path, content });
    }
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(entries)
}

type Content = Result<Vec<u8>, (&'static str, String)>;

fn unpack(file: impl Read, left: &mut u64) -> Result<Content, (&'static str, String)> {
    let most = ARCHIVE_FILE_BYTES.min(*left);
    let mut content = Vec::new();
    // the size that the archive announces may lie: only what comes out counts
    if let Err(e) = file.take(most + 1).read_to_end(&mut content) {
        return Ok(Err(("zip", format!("The file cannot be unpacked: {e}."))));
    }
    let size = content.len() as u64;
    if size > *left {
        return Err(("too_large", format!("Unpacked, the archive has more than {} MiB.", ARCHIVE_BYTES >> 20)));
    }
    *left -= size.min(*left);
    if size > ARCHIVE_FILE_BYTES {
        return Ok(Err(("too_large", format!("Unpacked, the file has more than {} MiB.", ARCHIVE_FILE_BYTES >> 20))));
    }
    Ok(Ok(content))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (path, content) in files {
            writer.start_file(*path, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn files_come_in_the_order_of_their_paths() {
        let zip = zip_of(&[("b.yaml", b"b"), ("a.yaml", b"a"), ("c.txt", b"c")]);
        assert!(is_zip(&zip));
        let files = read(&zip, |path| std::path::Path::new(path).extension().is_some_and(|ending| ending == "yaml")).unwrap();
        assert_eq!(
            files.iter().map(|f| (f.path.as_str(), f.content.as_deref().unwrap())).collect::<Vec<_>>(),
            [("a.yaml", &b"a"[..]), ("b.yaml", b"b")]
        );
    }

    #[test]
    fn a_path_out_of_the_archive_is_an_error_of_its_file() {
        for path in ["../evil.yaml", "/etc/evil.yaml", "a/../../evil.yaml", "..\\evil.yaml"] {
            let files = read(&zip_of(&[(path, b"x"), ("good.yaml", b"y")]), |_| true).unwrap();
            let codes: Vec<_> = files.iter().filter_map(|f| f.content.as_ref().err()).map(|(code, _)| *code).collect();
            assert_eq!(codes, ["path"], "{path}");
        }
    }

    #[test]
    fn bombs_are_cut_off() {
        let zeros = vec![0; usize::try_from(ARCHIVE_FILE_BYTES).unwrap() + 1];
        let one = zip_of(&[("a.yaml", &zeros)]);
        assert!(one.len() < 20_000);
        assert_eq!(read(&one, |_| true).unwrap()[0].content.as_ref().unwrap_err().0, "too_large");
        let names: Vec<String> = (0..9).map(|i| format!("{i}.yaml")).collect();
        let many = zip_of(&names.iter().map(|n| (n.as_str(), &zeros[1..])).collect::<Vec<_>>());
        assert_eq!(read(&many, |_| true).unwrap_err().0, "too_large");
    }

    #[test]
    fn what_is_cut_short_is_no_archive() {
        let zip = zip_of(&[("a.yaml", b"a")]);
        assert_eq!(read(&zip[..zip.len() - 5], |_| true).unwrap_err().0, "zip");
        assert_eq!(read(b"PK\x03\x04", |_| true).unwrap_err().0, "zip");
    }
}
