//! The name of a browser or program out of what it calls itself.

/// Programs by what stands in their name, the more particular first: Edge and Opera call themselves Chrome too, Chrome calls itself Safari.
const PROGRAMS: [(&str, &str); 8] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("python", "Python"),
    ("PowerShell", "PowerShell"),
];
const SYSTEMS: [(&str, &str); 6] =
    [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")];

/// “Firefox on Linux”; the first word of what it says where nothing is known of it.
pub fn name(user_agent: Option<&str>) -> String {
    let Some(agent) = user_agent.map(str::trim).filter(|agent| !agent.is_empty()) else {
        return t!("Unnamed program").to_owned();
    };
    let known = |list: &[(&str, &'static str)]| list.iter().find(|(part, _)| agent.contains(part)).map(|(_, word)| *word);
    match (known(&PROGRAMS), known(&SYSTEMS)) {
        (Some(program), Some(system)) => t!("{program} on {system}"; program, system),
        (Some(program), None) => program.to_owned(),
        _ => agent.split(['/', ' ']).next().unwrap_or(agent).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_browser_is_named_with_its_system() {
        let edge =
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0";
        assert_eq!(name(Some(edge)), "Edge on Windows");
        assert_eq!(name(Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")), "Firefox on Linux");
        assert_eq!(name(Some("curl/8.14.1")), "curl");
        assert_eq!(name(Some("scanner/2 (x)")), "scanner");
        assert_eq!(name(None), "Unnamed program");
    }
}
