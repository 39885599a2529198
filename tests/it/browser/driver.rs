//! A real Chromium, driven through Debian's chromedriver. Knows browsers; no page.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::{Client, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

/// How long a page may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_mins(1);

/// chromedriver on a port of its own; it ends with the test.
pub(super) struct Driver {
    child: Child,
    port: u16,
    profiles: TempDir,
}

impl Driver {
    pub(super) fn start() -> Self {
        let program = std::env::var("PESHI_TEST_CHROMEDRIVER").unwrap_or_else(|_| "chromedriver".to_owned());
        let mut child = Command::new(&program)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|e| {
                panic!("{program} cannot be started ({e}); run `cargo xtask test`, which installs it")
            });
        let out = BufReader::new(child.stdout.take().expect("stdout is piped"));
        let port = out
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse().ok()
            })
            .expect("chromedriver names its port");
        Self {
            child,
            port,
            profiles: tempfile::tempdir().expect("a folder for profiles"),
        }
    }

    /// A browser of its own, `width` pixels wide.
    pub(super) async fn browser(&self, name: &str, width: u32, height: u32) -> Client {
        let profile = self.profiles.path().join(name);
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--force-prefers-reduced-motion",
            &format!("--window-size={width},{height}"),
            &format!("--user-data-dir={}", profile.display()),
        ]
        .map(str::to_owned);
        // Chromium's window cannot be narrower than a desk's; a phone's page is measured as a phone's.
        let phone = json!({"deviceMetrics": {"width": width, "height": height, "pixelRatio": 1.0}});
        let mut options = json!({"args": args});
        if width < 500 {
            options["mobileEmulation"] = phone;
        }
        let Value::Object(capabilities) = json!({
            "browserName": "chrome",
            "goog:chromeOptions": options,
            "goog:loggingPrefs": {"browser": "ALL"},
        }) else {
            unreachable!("a literal object is an object")
        };
        let url = format!("http://127.0.0.1:{}", self.port);
        Client::with_capabilities_and_connector(&url, &capabilities, HttpConnector::new())
            .await
            .expect("Chromium starts")
    }

    /// What a browser's console said since this was last asked: the level, where it comes from, the words.
    pub(super) async fn console(&self, page: &Client) -> Vec<(String, String, String)> {
        let session = page.session_id().await.expect("the browser answers");
        let session = session.expect("the browser has a session");
        let url = format!("http://127.0.0.1:{}/session/{session}/se/log", self.port);
        let mut answer = ureq::post(&url)
            .content_type("application/json")
            .send(r#"{"type":"browser"}"#)
            .expect("chromedriver answers");
        let text = answer.body_mut().read_to_string().expect("the answer is text");
        let log: Value = serde_json::from_str(&text).expect("the answer is JSON");
        let entries = log["value"].as_array().expect("a list of entries");
        let word = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        entries
            .iter()
            .map(|e| (word(e, "level"), word(e, "source"), word(e, "message")))
            .collect()
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked to end, it ends its browsers too; killed, it would leave those of a failed test behind.
        let _ = ureq::get(format!("http://127.0.0.1:{}/shutdown", self.port)).call();
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Types into the field with this id, in place of what was there.
pub(super) async fn fill(page: &Client, id: &str, text: &str) {
    let field = page
        .find(Locator::Id(id))
        .await
        .unwrap_or_else(|e| panic!("the field {id}: {e}"));
    field.clear().await.expect("the field can be cleared");
    field.send_keys(text).await.expect("the field takes keys");
}

/// Clicks the first element that a CSS selector finds.
pub(super) async fn click(page: &Client, selector: &str) {
    let element = page
        .find(Locator::Css(selector))
        .await
        .unwrap_or_else(|e| panic!("{selector}: {e}"));
    element
        .click()
        .await
        .unwrap_or_else(|e| panic!("{selector}: {e}"));
}

/// Clicks a button that sends its form, and waits until the answer's page has taken the place of this one.
pub(super) async fn submit(page: &Client, selector: &str) {
    leave(page).await;
    click(page, selector).await;
    arrive(page).await;
}

/// Presses Enter in the field with this id, and waits for the answer's page.
pub(super) async fn press_enter(page: &Client, id: &str) {
    leave(page).await;
    let field = page.find(Locator::Id(id)).await.expect("the field is there");
    field.send_keys("\u{e007}").await.expect("Enter is a key");
    arrive(page).await;
}

/// Marks this page, so that the next can be told from it.
async fn leave(page: &Client) {
    page.execute("window.before = true;", Vec::new())
        .await
        .expect("the script runs");
}

async fn arrive(page: &Client) {
    let arrived = "return window.before !== true && document.readyState === 'complete';";
    let waiting = async {
        // Between two pages there is none to ask: that is no answer yet.
        while page.execute(arrived, Vec::new()).await.ok() != Some(Value::Bool(true)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting)
        .await
        .expect("another page takes the place of this one");
}

/// The text of the whole page as people see it.
pub(super) async fn text(page: &Client) -> String {
    let body = page.find(Locator::Css("body")).await.expect("a page has a body");
    body.text().await.expect("a body has text")
}

/// What a script on the page gives.
pub(super) async fn ask(page: &Client, script: &str) -> Value {
    page.execute(&format!("return {script};"), Vec::new())
        .await
        .expect("the script runs")
}
