//! What a proxy says counts if the proxy is trusted. The tests ask from 127.0.0.1 and say what a proxy would.

use serde_json::json;

use crate::db_test;
use crate::harness::{Client, Engine, PASSWORD, TestApp};

const ADDRESS: &str = "admin@example.test";

/// The application with these proxies, set up.
async fn behind(engine: Engine, proxies: &str) -> TestApp {
    let app = TestApp::spawn_with(engine, |o| {
        o.trusted_proxies = Some(proxies.to_owned());
        o.login_throttle = Some("on".into());
    })
    .await;
    app.admin().await;
    app
}

/// What the server takes for the address of a client that comes with these headers.
async fn seen(app: &TestApp, headers: &[(&str, &str)]) -> String {
    let body = json!({"email": ADDRESS, "password": PASSWORD, "cookie": false});
    let login = app.anonymous().send(reqwest::Method::POST, "/auth/login", Some(body), headers).await.expect(200).json;
    let client = Client { token: Some(login["access_token"].as_str().unwrap().to_owned()), ..app.anonymous() };
    let sessions = client.get("/auth/sessions").await.expect(200);
    let own = sessions.items().iter().find(|session| session["current"] == true);
    let session = own.unwrap_or_else(|| panic!("no session of its own in {}", sessions.text))["ip"].as_str().unwrap().to_owned();
    let audited = client.get("/audit-events?action=login&limit=1").await.expect(200).items()[0]["ip"].as_str().unwrap().to_owned();
    assert_eq!(session, audited, "session and audit log agree");
    session
}

/// The answer to a wrong password from behind a proxy that says this.
async fn guess(app: &TestApp, said: &str) -> u16 {
    let body = json!({"email": "guessed@example.test", "password": "wrong wrong wrong"});
    app.anonymous().send(reqwest::Method::POST, "/auth/login", Some(body), &[forwarded(said)]).await.status.as_u16()
}

/// Is somebody who guesses again and again slowed down, who comes as this the nth time?
async fn guesses_until_slowed(app: &TestApp, said: impl Fn(usize) -> String) -> bool {
    for n in 0..12 {
        match guess(app, &said(n)).await {
            401 => {}
            429 => return true,
            other => panic!("a guess is answered {other}"),
        }
    }
    false
}

/// A header whose name is `X-Forwarded-For`.
const fn forwarded(value: &str) -> (&str, &str) {
    ("x-forwarded-for", value)
}

db_test! {
    async fn whom_nobody_trusts_speaks_for_nobody(app: TestApp) {
        for proxies in ["", "10.0.0.1, 2001:db8::1, 127.0.0.2"] {
            let app = behind(app.engine, proxies).await;
            for headers in [
                &[forwarded("192.0.2.1")][..],
                &[forwarded("192.0.2.1, 10.0.0.1")],
                &[forwarded("127.0.0.2")],
                &[("forwarded", "for=192.0.2.1")],
                &[("x-real-ip", "192.0.2.1"), ("true-client-ip", "192.0.2.1")],
            ] {
                assert_eq!(seen(&app, headers).await, "127.0.0.1", "{proxies}: {headers:?}");
            }
            // who guesses is slowed down whatever they call themselves
            assert!(guesses_until_slowed(&app, |n| format!("192.0.2.{n}")).await, "{proxies}");
        }
    }
}

db_test! {
    async fn a_trusted_proxy_names_its_client(app: TestApp) {
        let app = behind(app.engine, "127.0.0.1,10.0.0.1, 2001:db8::1").await;
        for (headers, client) in [
            (&[][..], "127.0.0.1"),
            (&[forwarded("192.0.2.1")], "192.0.2.1"),
            (&[forwarded(" 192.0.2.1:4711 ")], "192.0.2.1"),
            (&[forwarded("2001:db8::5")], "2001:db8::5"),
            (&[forwarded("[2001:DB8:0::5]:443")], "2001:db8::5"),
            (&[forwarded("::ffff:192.0.2.1")], "192.0.2.1"),
            // several: the last that is no proxy of ours; what stands before it the client may have made up
            (&[forwarded("198.51.100.9, 192.0.2.1")], "192.0.2.1"),
            (&[forwarded("198.51.100.9, 192.0.2.1, 10.0.0.1")], "192.0.2.1"),
            (&[forwarded("198.51.100.9, 192.0.2.1, 10.0.0.1, 2001:db8::1, ::ffff:10.0.0.1")], "192.0.2.1"),
            (&[forwarded("198.51.100.9, 10.0.0.1, 192.0.2.1")], "192.0.2.1"),
            (&[forwarded("10.0.0.1")], "10.0.0.1"),
            // a proxy that appends a header of its own
            (&[forwarded("198.51.100.9"), forwarded("192.0.2.1")], "192.0.2.1"),
            (&[forwarded("198.51.100.9"), forwarded("192.0.2.1, 10.0.0.1")], "192.0.2.1"),
            // what is no address ends it at whoever said so
            (&[forwarded("nobody")], "127.0.0.1"),
            (&[forwarded("")], "127.0.0.1"),
            (&[forwarded("192.0.2.1, unknown")], "127.0.0.1"),
            (&[forwarded("192.0.2.1,")], "127.0.0.1"),
            (&[forwarded("192.0.2.1, <script>, 10.0.0.1")], "10.0.0.1"),
            (&[forwarded("192.0.2.1, 300.1.1.1")], "127.0.0.1"),
            (&[("forwarded", "for=192.0.2.1")], "127.0.0.1"),
            (&[("forwarded", "for=198.51.100.9"), forwarded("192.0.2.1")], "192.0.2.1"),
        ] {
            assert_eq!(seen(&app, headers).await, client, "{headers:?}");
        }
        // each client of the proxy has its own delay, whatever it writes before its own address
        assert!(guesses_until_slowed(&app, |n| format!("198.51.100.{n}, 192.0.2.1")).await);
        assert_eq!(guess(&app, "192.0.2.2").await, 401);
    }
}

db_test! {
    async fn links_begin_where_a_trusted_proxy_was_asked(app: TestApp) {
        let said = [
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example, tyrian.example.test"),
            ("forwarded", "host=evil.example;proto=http"),
        ];
        for (proxies, origin) in [("127.0.0.1", "https://tyrian.example.test"), ("10.0.0.1", "")] {
            let app = behind(app.engine, proxies).await;
            let admin = app.admin().await;
            let body = json!({"email": "new@example.test", "group_ids": []});
            let made = admin.send(reqwest::Method::POST, "/invitations", Some(body), &said).await.expect(201).json;
            let origin = if origin.is_empty() { &app.url } else { origin };
            assert!(made["url"].as_str().unwrap().starts_with(&format!("{origin}/invite/")), "{proxies}: {}", made["url"]);
        }
    }
}

db_test! {
    async fn a_letter_that_a_stranger_asks_for_leads_nowhere_that_they_say(app: TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("file://{}", folder.path().display());
        let app = TestApp::spawn_with(app.engine, |o| { o.smtp_url = Some(url); o.trusted_proxies = Some("127.0.0.1".into()); }).await;
        app.admin().await;
        let headers = [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("forwarded", "host=evil.example")];
        app.anonymous().send(reqwest::Method::POST, "/auth/password-reset", Some(json!({"email": ADDRESS})), &headers).await.expect(202);
        for _ in 0..100 {
            if !crate::access::letters(folder.path()).is_empty() { break }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        let letters = crate::access::letters(folder.path());
        assert!(letters[0].contains(&format!("http://{}/reset/", app.state.settings.listen)) && !letters[0].contains("evil"), "{letters:?}");
    }
}
