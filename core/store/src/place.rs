//! Whether a vault lies where its file can be trusted: warns of folders that a service copies, and of network drives.
//!
//! A service that copies the file while it is written keeps halves of it, brings older ones back, and makes conflict
//! copies; a network drive may confirm a write that never reached a disk, and often has no working locks. Neither can
//! read the vault. These are warnings: known names and marks, no proof either way.

use std::fmt;
use std::path::{Component, Path, PathBuf, Prefix};

/// A reason not to keep a vault where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// The folder is kept in step with others by a service.
    Synced {
        /// The service's name.
        service: &'static str,
    },
    /// The file lies on another machine.
    Network {
        /// What the operating system calls the connection.
        kind: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Synced { service } => write!(
                f,
                "The practice lies in a folder that {service} copies. It can copy the file while it is being written, \
                 or put an older one back, and notes would be missing. Move it out of that folder; your own devices \
                 are kept in step by Subrosa itself."
            ),
            Self::Network { kind } => write!(
                f,
                "The practice lies on a network drive ({kind}). When the connection drops, what was just saved can be \
                 lost, and two machines could open the file at once. Move it to a disk of this machine."
            ),
        }
    }
}

/// What speaks against keeping a vault at this path, which need not exist yet.
pub fn warnings_for(path: &Path) -> Vec<Warning> {
    let real = resolved(path);
    let service = service_by_name(path).or_else(|| service_by_name(&real)).or_else(|| service_by_mark(&real));
    let network = network_prefix(&real).or_else(|| network_mount(&real));
    let synced = service.map(|service| Warning::Synced { service });
    synced.into_iter().chain(network.map(|kind| Warning::Network { kind })).collect()
}

/// Whether two files lie on one disk, as far as the system tells.
#[cfg(unix)]
pub fn on_same_disk(one: &Path, other: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let disk = |path: &Path| std::fs::metadata(path).map(|about| about.dev()).ok();
    disk(one).is_some_and(|disk_of_one| disk(other) == Some(disk_of_one))
}

/// Whether two files lie on one disk, as far as the system tells: elsewhere by the drive that their paths begin with.
#[cfg(not(unix))]
pub fn on_same_disk(one: &Path, other: &Path) -> bool {
    let drive = |path: &Path| {
        path.canonicalize().ok().and_then(|path| path.components().next().map(|part| part.as_os_str().to_owned()))
    };
    drive(one).is_some_and(|drive_of_one| drive(other) == Some(drive_of_one))
}

/// Folder names that services give to what they copy, in lower case.
const NAMES: &[(&str, &str)] = &[
    ("dropbox", "Dropbox"),
    ("onedrive", "OneDrive"),
    ("google drive", "Google Drive"),
    ("googledrive", "Google Drive"),
    ("my drive", "Google Drive"),
    ("icloud drive", "iCloud"),
    ("iclouddrive", "iCloud"),
    ("com~apple~clouddocs", "iCloud"),
    ("mobile documents", "iCloud"),
    ("cloudstorage", "a cloud service"),
    ("nextcloud", "Nextcloud"),
    ("owncloud", "ownCloud"),
    ("syncthing", "Syncthing"),
];

/// Files and folders that services leave at the top of what they copy.
const MARKS: &[(&str, &str)] = &[
    (".stfolder", "Syncthing"),
    (".stignore", "Syncthing"),
    (".dropbox", "Dropbox"),
    (".dropbox.cache", "Dropbox"),
    (".tmp.drivedownload", "Google Drive"),
    (".tmp.driveupload", "Google Drive"),
    (".nextcloudsync.log", "Nextcloud"),
    (".owncloudsync.log", "Nextcloud"),
];

/// A folder of the path that bears a service's name, alone or with an account behind it: `Dropbox (Practice)`,
/// `OneDrive - Practice`, `GoogleDrive-me@example.org`. The file's own name says nothing.
fn service_by_name(path: &Path) -> Option<&'static str> {
    path.parent()?.components().find_map(|component| {
        let Component::Normal(folder) = component else { return None };
        let folder = folder.to_str()?.to_lowercase();
        let bears = |name: &str| {
            let rest = folder.strip_prefix(name);
            rest.is_some_and(|rest| {
                rest.is_empty() || rest.starts_with(" (") || rest.starts_with(" - ") || is_account(rest)
            })
        };
        NAMES.iter().find(|(name, _)| bears(name)).map(|(_, service)| *service)
    })
}

/// `-me@example.org`, as macOS and Google write it.
fn is_account(rest: &str) -> bool {
    rest.starts_with('-') && rest.contains('@')
}

// The home folder itself carries `.dropbox` with the program's settings: there it is no mark of a copied folder.
fn service_by_mark(path: &Path) -> Option<&'static str> {
    path.ancestors().skip(1).find_map(|folder| {
        let marked = |mark: &str| {
            let here = folder.join(mark);
            if mark == ".dropbox" { here.is_file() } else { here.exists() }
        };
        MARKS.iter().find(|(mark, _)| marked(mark)).map(|(_, service)| *service)
    })
}

/// `\\server\share`, which only Windows reads as such.
fn network_prefix(path: &Path) -> Option<String> {
    match path.components().next()? {
        Component::Prefix(prefix) => match prefix.kind() {
            Prefix::UNC(..) | Prefix::VerbatimUNC(..) => Some("a shared folder".into()),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(target_os = "linux")]
fn network_mount(path: &Path) -> Option<String> {
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    linux::network_mount(&mounts, path)
}

#[cfg(not(target_os = "linux"))]
fn network_mount(_: &Path) -> Option<String> {
    None
}

/// The path without links, as far as it exists.
fn resolved(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let existing = path.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
    match existing.and_then(|(folder, real)| Some(real.join(path.strip_prefix(folder).ok()?))) {
        Some(real) => real,
        None => path,
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::path::{Path, PathBuf};

    const NETWORK: &[&str] = &[
        "9p",
        "afs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.davfs",
        "fuse.gcsfuse",
        "fuse.glusterfs",
        "fuse.google-drive-ocamlfuse",
        "fuse.gvfsd-fuse",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "lustre",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
    ];

    /// The type of the file system that a path lies on, if it is a network's. Of mounts on one point the last counts.
    pub(super) fn network_mount(mountinfo: &str, path: &Path) -> Option<String> {
        let mounts = mountinfo.lines().filter_map(parse).filter(|(point, _)| path.starts_with(point));
        let (_, kind) = mounts.max_by_key(|(point, _)| point.components().count())?;
        NETWORK.contains(&kind).then(|| kind.to_owned())
    }

    /// `36 35 98:0 /root /mount/point options optional… - type source options`
    fn parse(line: &str) -> Option<(PathBuf, &str)> {
        let (mount, system) = line.split_once(" - ")?;
        Some((unescaped(mount.split(' ').nth(4)?), system.split(' ').next()?))
    }

    /// Spaces and a few other bytes are written as `\040`.
    fn unescaped(point: &str) -> PathBuf {
        let mut pieces = point.split('\\');
        let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
        for piece in pieces {
            let octal = piece.get(..3).and_then(|digits| u8::from_str_radix(digits, 8).ok());
            match (octal, piece.get(3..)) {
                (Some(byte), Some(rest)) => {
                    bytes.push(byte);
                    bytes.extend_from_slice(rest.as_bytes());
                }
                _ => {
                    bytes.push(b'\\');
                    bytes.extend_from_slice(piece.as_bytes());
                }
            }
        }
        PathBuf::from(OsString::from_vec(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_services_are_named_with_and_without_an_account() {
        for (path, service) in [
            ("/home/anna/Dropbox/practice.vault", "Dropbox"),
            ("/home/anna/Dropbox (Private)/p/practice.vault", "Dropbox"),
            ("/Users/anna/OneDrive - Practice/practice.vault", "OneDrive"),
            ("/Users/anna/Library/Mobile Documents/com~apple~CloudDocs/practice.vault", "iCloud"),
            ("/Users/anna/GoogleDrive-anna@example.org/My Drive/practice.vault", "Google Drive"),
            ("/home/anna/Nextcloud/practice.vault", "Nextcloud"),
        ] {
            assert_eq!(warnings_for(Path::new(path)), [Warning::Synced { service }], "{path}");
        }
    }

    #[test]
    fn names_that_only_look_alike_are_left_in_peace() {
        for path in [
            "/home/anna/practice.vault",
            "/home/anna/Dropbox",
            "/home/anna/dropboxes/practice.vault",
            "/home/anna/Dropbox-before-2020/practice.vault",
            "/home/anna/my drive-in photos/practice.vault",
            "/home/anna/nextcloud.vault",
        ] {
            assert_eq!(warnings_for(Path::new(path)), [], "{path}");
        }
    }

    #[test]
    fn a_mark_above_the_vault_is_found_and_one_beside_its_folder_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let vault = folder.path().join("work").join("practice.vault");
        std::fs::create_dir_all(folder.path().join("other/.stfolder")).unwrap();
        assert_eq!(warnings_for(&vault), []);
        std::fs::create_dir(folder.path().join(".stfolder")).unwrap();
        assert_eq!(warnings_for(&vault), [Warning::Synced { service: "Syncthing" }]);
    }

    #[test]
    fn a_warning_is_a_sentence_with_the_reason_and_the_way_out() {
        let said = Warning::Network { kind: "nfs4".into() }.to_string();
        assert!(said.contains("network drive (nfs4)") && said.contains("Move it to"));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_into_a_synced_folder_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("Dropbox")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("Dropbox"), folder.path().join("plain")).unwrap();
        let found = warnings_for(&folder.path().join("plain").join("practice.vault"));
        assert_eq!(found, [Warning::Synced { service: "Dropbox" }]);
    }

    #[cfg(windows)]
    #[test]
    fn a_share_is_a_network_drive_and_a_local_drive_is_not() {
        assert!(matches!(warnings_for(Path::new(r"\\server\share\p.vault"))[..], [Warning::Network { .. }]));
        assert_eq!(warnings_for(Path::new(r"C:\practice\p.vault")), []);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_nearest_mount_decides_and_the_last_one_on_a_point() {
        let mounts = "\
            22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n\
            30 22 0:40 / /mnt/my\\040share rw - cifs //server/share rw\n\
            31 30 8:2 / /mnt/my\\040share/local rw - ext4 /dev/sdb1 rw\n\
            32 22 8:3 / /srv rw - ext4 /dev/sdc1 rw\n\
            33 22 0:41 / /srv rw shared:2 master:3 - nfs4 server:/srv rw\n\
            a line that is no mount";
        let kind = |path: &str| linux::network_mount(mounts, Path::new(path));
        assert_eq!(kind("/mnt/my share/practice.vault").as_deref(), Some("cifs"));
        assert_eq!(kind("/srv/practice.vault").as_deref(), Some("nfs4"));
        assert_eq!(kind("/mnt/my share/local/practice.vault"), None);
        assert_eq!(kind("/mnt/my shares/practice.vault"), None);
        assert_eq!(kind("/home/practice.vault"), None);
    }
}
