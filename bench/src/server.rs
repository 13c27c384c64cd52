//! Servers on free loopback ports: started, waited for, weighed, ended.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};

use crate::client::{Connection, Request};

/// How long a server may take to answer for the first time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; it ends with this.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Milliseconds from its start to its first good answer.
    pub started_ms: f64,
    /// MiB as it stood there with nothing to do.
    pub idle_mib: f64,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Starts a command whose first line of output ends with its address.
    pub async fn start(mut command: Command, log: &Path, ready: &str) -> anyhow::Result<Self> {
        let output = log.with_extension("out");
        command.stdout(std::fs::File::create(&output)?).stderr(std::fs::File::create(log)?).stdin(Stdio::null());
        let begun = Instant::now();
        let child = command.spawn().with_context(|| format!("{} cannot be run", command.get_program().to_string_lossy()))?;
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), started_ms: 0.0, idle_mib: 0.0 };
        loop {
            let text = std::fs::read_to_string(&output)?;
            if let Some(address) =
                text.split_once("http://").and_then(|(_, rest)| rest.split_whitespace().next()).and_then(|a| a.parse().ok())
                && text.ends_with('\n')
            {
                server.address = address;
                break;
            }
            server.wait_a_moment(begun, log).await?;
        }
        server.ready(begun, log, ready).await?;
        Ok(server)
    }

    /// Starts a command that is told its address.
    pub async fn start_at(mut command: Command, address: SocketAddr, log: &Path, ready: &str) -> anyhow::Result<Self> {
        let file = std::fs::File::create(log)?;
        command.stdout(file.try_clone()?).stderr(file).stdin(Stdio::null());
        let begun = Instant::now();
        let child = command.spawn().with_context(|| format!("{} cannot be run", command.get_program().to_string_lossy()))?;
        let mut server = Self { child, address, started_ms: 0.0, idle_mib: 0.0 };
        server.ready(begun, log, ready).await?;
        Ok(server)
    }

    async fn wait_a_moment(&mut self, begun: Instant, log: &Path) -> anyhow::Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("a server ended ({status}): {}", tail(log));
        }
        if begun.elapsed() > PATIENCE {
            bail!("a server does not answer: {}", tail(log));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
        Ok(())
    }

    async fn ready(&mut self, begun: Instant, log: &Path, path: &str) -> anyhow::Result<()> {
        loop {
            if let Ok(answer) = Connection::new(self.address).send(&Request::get(path)).await
                && answer.status == 200
            {
                break;
            }
            self.wait_a_moment(begun, log).await?;
        }
        self.started_ms = begun.elapsed().as_secs_f64() * 1000.0;
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.idle_mib = self.mib();
        Ok(())
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The memory of the process and its children, resident, in MiB.
    pub fn mib(&self) -> f64 {
        family(self.child.id()).into_iter().map(|pid| kib(pid, "VmRSS:")).sum::<f64>() / 1024.0
    }

    /// Forgets what its memory was at most until now.
    pub fn forget_peak(&self) -> anyhow::Result<()> {
        Ok(std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")?)
    }

    /// What the memory of the process was at most, in MiB.
    pub fn peak_mib(&self) -> f64 {
        kib(self.child.id(), "VmHWM:") / 1024.0
    }
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().rev().take(15).collect();
    lines.into_iter().rev().collect::<Vec<_>>().join("\n")
}

fn family(pid: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let below = children.split_whitespace().filter_map(|c| c.parse().ok()).flat_map(family);
    std::iter::once(pid).chain(below).collect()
}

fn kib(pid: u32, field: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix(field));
    line.and_then(|l| l.split_whitespace().next()?.parse().ok()).unwrap_or(0.0)
}

/// A command without the settings of the shell that it would otherwise inherit.
pub fn clean(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TYRIAN_")) {
        command.env_remove(name);
    }
    command
}

/// A port that nobody listened on a moment ago.
pub fn free_address() -> anyhow::Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// Runs a command to its end; its output where it went well.
pub fn run(mut command: Command) -> anyhow::Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("{program} cannot be run"))?;
    if !output.status.success() {
        bail!("{program} ended ({}): {}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
