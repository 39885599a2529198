//! What breaks around Peshi, against the real binary: a disk that takes no more, a folder that may not be written, a damaged
//! file, a key that is missing or belongs elsewhere. Each time: clear words, and nothing lost or half done.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use peshi_test_support::binary;

const LOGIN: &str = "lawyer@failures.invalid";
/// A user that owns nothing, for a test run as root, whom no permission stops.
const NOBODY: u32 = 65_534;

/// A data folder with one lawyer and one case.
struct Data {
    folder: tempfile::TempDir,
    case: String,
}

impl Data {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder for the data");
        let data = folder.path().join("data");
        let mut add = peshi(&data);
        add.args([
            "user",
            "add",
            "--email",
            LOGIN,
            "--name",
            "Lawyer Invented",
            "--role",
            "lawyer",
        ])
        .arg("--password-stdin")
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
        let mut child = add.spawn().expect("the binary starts");
        let mut stdin = child.stdin.take().expect("stdin is piped");
        std::io::Write::write_all(&mut stdin, b"an invented password\n").expect("the password is read");
        drop(stdin);
        assert!(child.wait().expect("it ends").success());
        let mut open = peshi(&data);
        open.args([
            "case",
            "open",
            "--as",
            LOGIN,
            "--pack",
            "abduction",
            "--set",
            "province=punjab",
        ])
        .args([
            "--set",
            "district=Invented",
            "--set",
            "reported_at=2026-01-05T10:00",
        ]);
        let case = said(&ok(open)).trim().to_owned();
        Self { folder, case }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn database(&self) -> PathBuf {
        self.path().join("peshi.sqlite")
    }

    /// What records an event; it has not run yet.
    fn press(&self, mut with: Command) -> Command {
        with.args(["case", "do", &self.case, "search_pressed", "--as", LOGIN])
            .args(["--set", "check_note=asked again"]);
        with
    }

    fn journal(&self) -> String {
        let mut command = peshi(&self.path());
        command.args(["case", "journal", &self.case, "--as", LOGIN, "--json"]);
        said(&ok(command))
    }

    /// The trouble is over: the history is what it was, it holds, and work goes on.
    fn goes_on_from(&self, journal: &str) {
        assert_eq!(self.journal(), journal, "nothing was kept by half");
        ok(self.press(peshi(&self.path())));
        let mut verify = peshi(&self.path());
        verify.arg("verify");
        assert!(said(&ok(verify)).contains("every chain holds"));
        assert_ne!(self.journal(), journal, "and what came after is there");
    }
}

fn peshi(data: &Path) -> Command {
    with_program(Command::new(binary()), data)
}

fn with_program(mut command: Command, data: &Path) -> Command {
    command
        .arg("--data")
        .arg(data)
        .env_remove("PESHI_CONFIG")
        .env_remove("PESHI_BIN");
    command
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn ok(mut command: Command) -> Output {
    let output = command.output().expect("the binary starts");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{words}");
    output
}

/// What a command that must fail says, its lines joined.
fn refused(mut command: Command) -> String {
    let output = command.output().expect("the binary starts");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let words = String::from_utf8_lossy(&output.stderr);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_disk_that_takes_no_more_loses_nothing() {
    let data = Data::new();
    let journal = data.journal();
    // The kernel's limit on a file's size stands in for the end of the disk: the log grows into it in mid-transaction.
    let mut shell = Command::new("sh");
    shell
        .args(["-c", r#"trap "" XFSZ; ulimit -f 70; exec "$@""#, "sh"])
        .arg(binary());
    let words = refused(data.press(with_program(shell, &data.path())));
    assert!(words.contains("disk"), "{words}");
    data.goes_on_from(&journal);
}

#[test]
fn a_folder_that_may_not_be_written_is_told() {
    let data = Data::new();
    let journal = data.journal();
    let folder = data.path();
    let root = folder.metadata().expect("the folder is there").uid() == 0;
    let program = data.folder.path().join("peshi");
    fs::copy(binary(), &program).expect("the binary is copied");
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(data.folder.path(), open).expect("the folder around it is opened");
    let files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("the folder can be listed")
        .map(|entry| entry.expect("an entry").path())
        .chain([folder.clone()])
        .collect();
    let rights = |file: &Path, mode| {
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).expect("rights can be changed");
    };
    for file in &files {
        if root {
            chown(file, Some(NOBODY), Some(NOBODY)).expect("root gives files away");
        }
        rights(file, if file.is_dir() { 0o500 } else { 0o400 });
    }
    let mut command = Command::new(&program);
    if root {
        command.uid(NOBODY).gid(NOBODY);
    }
    let words = refused(data.press(with_program(command, &folder)));
    // Which of the two is noticed first depends on what the last process left beside the file.
    assert!(
        words.contains("writable") || words.contains("may be written to"),
        "{words}"
    );
    for file in files.iter().rev() {
        rights(file, if file.is_dir() { 0o700 } else { 0o600 });
        if root {
            chown(file, Some(0), Some(0)).expect("root takes files back");
        }
    }
    data.goes_on_from(&journal);
}

#[test]
fn a_damaged_file_is_told_and_left_alone() {
    let data = Data::new();
    let file = data.database();
    let whole = fs::read(&file).expect("the file can be read");
    let mut damaged = whole.clone();
    // All but the first pages, which say what the file is.
    damaged[16_384..].fill(0xA5);
    fs::write(&file, &damaged).expect("the file can be written");
    let words = refused(data.press(peshi(&data.path())));
    for part in ["damaged", "backup"] {
        assert!(words.contains(part), "{words}");
    }
    assert_eq!(fs::read(&file).expect("it is there").len(), damaged.len());
    fs::write(&file, whole).expect("a backup is put in its place");
    let journal = data.journal();
    data.goes_on_from(&journal);
}

#[test]
fn a_key_that_is_missing_or_belongs_elsewhere_is_told() {
    let (data, other) = (Data::new(), Data::new());
    let journal = data.journal();
    let key = data.path().join("key");
    let right = fs::read(&key).expect("the key can be read");
    fs::remove_file(&key).expect("the key is lost");
    let mut serve = peshi(&data.path());
    serve.args(["serve", "--listen", "127.0.0.1:0"]);
    for command in [data.press(peshi(&data.path())), serve] {
        let words = refused(command);
        assert!(
            words.contains("no key file at") && words.contains("safe copy"),
            "{words}"
        );
        assert!(
            !key.exists(),
            "no other key is made for a database that holds something"
        );
    }
    fs::copy(other.path().join("key"), &key).expect("somebody brings the wrong one");
    let words = refused(data.press(peshi(&data.path())));
    assert!(words.contains("key"), "{words}");
    fs::write(&key, right).expect("the right one comes back");
    data.goes_on_from(&journal);
}
