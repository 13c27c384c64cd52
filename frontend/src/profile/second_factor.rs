//! The second factor: turning it on with an authenticator, new recovery codes, turning it off.

use leptos::prelude::*;
use tyrian_api_types::auth::{PasswordProof, RecoveryCodes, TotpConfirm, TotpEnrolment};

use super::{queries, refresh};
use crate::form::FormErrors;
use crate::query::use_mutation;
use crate::session::use_session;
use crate::ui::{
    Badge, Banner, BannerKind, Button, Card, CardBody, Code, Field, FormDialog, ShownOnce, TextInput, Tone, count, use_toasts,
};

/// What a dialog is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Act {
    TurnOn,
    TurnOff,
    NewCodes,
}

impl Act {
    fn title(self) -> &'static str {
        match self {
            Self::TurnOn => t!("Turn on two-step sign-in"),
            Self::TurnOff => t!("Turn off two-step sign-in?"),
            Self::NewCodes => t!("Make new recovery codes?"),
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::TurnOn => t!("You need an authenticator app on your phone or in your password manager. First: who are you?"),
            Self::TurnOff => t!("Your password alone is enough then. Recovery codes that are left become void."),
            Self::NewCodes => t!("Ten new ones; those that are left become void."),
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::TurnOn => t!("Continue"),
            Self::TurnOff => t!("Turn it off"),
            Self::NewCodes => t!("Make new codes"),
        }
    }
}

/// How far a dialog is.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Password,
    Scan(Box<TotpEnrolment>),
    Codes(Vec<String>),
}

/// What the server answered to the password.
enum Proved {
    Off,
    Scan(TotpEnrolment),
    Codes(RecoveryCodes),
}

/// The card: off or on, and what can be done about it.
#[component]
pub fn SecondFactorCard() -> impl IntoView {
    let session = use_session();
    let on = Memo::new(move |_| session.me().is_some_and(|me| me.totp));
    let left = Memo::new(move |_| session.me().map_or(0, |me| me.recovery_codes_left));
    let act = RwSignal::new(Act::TurnOn);
    let open = RwSignal::new(false);
    let begin = move |what: Act| {
        act.set(what);
        open.set(true);
    };
    view! {
        <Card
            title=t!("Two-step sign-in")
            head=move || view! {
                {move || if on.get() {
                    view! { <Badge tone=Tone::Ok icon="shield-check">{t!("On")}</Badge> }.into_any()
                } else {
                    view! { <Badge tone=Tone::Plain icon="shield">{t!("Off")}</Badge> }.into_any()
                }}
            }
        >
            <CardBody>
                {move || if on.get() {
                    let few = left.get() <= 3;
                    view! {
                        <div class="stack">
                            <p class="muted">{t!("Signing in asks for a code of your authenticator. ")}{count(u64::from(left.get()), "recovery code is left", "recovery codes are left")}"."</p>
                            {few.then(|| view! { <Banner kind=BannerKind::Warn icon="key"><span>{t!("Make new recovery codes before the last one is gone: without one, a lost phone needs an administrator.")}</span></Banner> })}
                            <div class="row row--wrap">
                                <Button on_click=move |_| begin(Act::NewCodes)>{t!("New recovery codes")}</Button>
                                <Button on_click=move |_| begin(Act::TurnOff)>{t!("Turn off")}</Button>
                            </div>
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="stack">
                            <p class="muted">{t!("A code of an authenticator app beside the password: who learns your password alone cannot sign in.")}</p>
                            <div><Button on_click=move |_| begin(Act::TurnOn)>{t!("Turn on")}</Button></div>
                        </div>
                    }.into_any()
                }}
            </CardBody>
        </Card>
        <FactorDialog act=act open=open/>
    }
}

/// Asks for the password, then goes on as the act needs.
#[component]
fn FactorDialog(
    /// what for
    act: RwSignal<Act>,
    /// shown while true
    open: RwSignal<bool>,
) -> impl IntoView {
    let session = use_session();
    let toasts = use_toasts();
    let step = RwSignal::new(Step::Password);
    let password = RwSignal::new(String::new());
    let code = RwSignal::new(String::new());
    let errors = FormErrors::new();
    Effect::new(move |_| {
        if open.get() {
            step.set(Step::Password);
            password.set(String::new());
            code.set(String::new());
            errors.clear();
        }
    });
    let prove = use_mutation(
        move |proof: PasswordProof| {
            let act = act.get_untracked();
            async move {
                Ok(match act {
                    Act::TurnOn => Proved::Scan(queries::begin_totp(proof).await?),
                    Act::NewCodes => Proved::Codes(queries::renew_codes(proof).await?),
                    Act::TurnOff => {
                        queries::turn_off_totp(proof).await?;
                        Proved::Off
                    }
                })
            }
        },
        move |proved| match proved {
            Proved::Scan(enrolment) => {
                step.set(Step::Scan(Box::new(enrolment)));
                crate::web::focus_soon("dialog[open] [autocomplete=one-time-code]");
            }
            Proved::Codes(made) => {
                step.set(Step::Codes(made.codes));
                leptos::task::spawn_local(refresh(session));
            }
            Proved::Off => {
                open.set(false);
                toasts.info(t!("Two-step sign-in is off"), None);
                leptos::task::spawn_local(refresh(session));
            }
        },
    );
    let confirm = use_mutation(queries::confirm_totp, move |made: RecoveryCodes| {
        step.set(Step::Codes(made.codes));
        leptos::task::spawn_local(refresh(session));
    });
    for error in [prove.error, confirm.error] {
        Effect::new(move |_| {
            if let Some(error) = error.get() {
                errors.take(&error);
            }
        });
    }
    let submit = move || {
        errors.clear();
        match step.get_untracked() {
            Step::Password if password.with_untracked(String::is_empty) => {
                errors.add("/current_password", t!("Your password is needed."));
                crate::web::focus_soon("[aria-invalid=true]");
            }
            Step::Password => prove.run.run(PasswordProof { current_password: password.get_untracked() }),
            Step::Scan(enrolment) => {
                confirm.run.run(TotpConfirm { enrolment: enrolment.enrolment, code: code.get_untracked().trim().to_owned() });
            }
            Step::Codes(_) => {}
        }
    };
    let busy = Signal::derive(move || prove.busy.get() || confirm.busy.get());
    let shown = Signal::derive(move || matches!(*step.read(), Step::Codes(_)));
    let title = Signal::derive(move || if shown.get() { t!("Keep your recovery codes").to_owned() } else { act.get().title().to_owned() });
    view! {
        <FormDialog
            open=open
            title=title
            act=Signal::derive(move || if matches!(*step.read(), Step::Password) { act.get().button() } else { t!("Turn it on") }.to_owned())
            busy=busy
            error=errors.general()
            on_submit=move |()| submit()
            made=shown
            once=move || match step.get() {
                Step::Codes(codes) => Some(view! {
                    <ShownOnce
                        warning=t!("Each of these stands in once for your authenticator. They are not shown again: print them, or keep them in your password manager.")
                        secrets=vec![(t!("Recovery codes"), codes.join("\n"))]
                    />
                }),
                _ => None,
            }
            done=t!("I have kept them")
        >
            {move || match step.get() {
                Step::Password => view! {
                    <p class="muted">{act.get_untracked().text()}</p>
                    <Field label=t!("Your password") error=errors.field("/current_password")>
                        <TextInput value=password kind="password" autocomplete="current-password" autofocus=true/>
                    </Field>
                }.into_any(),
                Step::Scan(enrolment) => view! { <Scan enrolment=*enrolment code=code error=Signal::derive(move || errors.field("/code").get().or(errors.field("/enrolment").get()))/> }.into_any(),
                Step::Codes(_) => ().into_any(),
            }}
        </FormDialog>
    }
}

/// The picture to scan, the secret to type, the first code.
#[component]
fn Scan(
    /// what the server made
    enrolment: TotpEnrolment,
    /// the code
    code: RwSignal<String>,
    /// what is wrong with it
    #[prop(into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <p class="muted">{t!("Scan this with your authenticator, then type the six digits that it shows.")}</p>
        // The server's own drawing of an address that it made: no words of a person are in it.
        <div class="qr" role="img" aria-label=t!("QR code of the secret below") inner_html=enrolment.qr_svg></div>
        <details class="small">
            <summary>{t!("It cannot be scanned?")}</summary>
            <p class="muted">{t!("Type this secret into the authenticator:")}</p>
            <Code text=enrolment.secret/>
        </details>
        <Field label=t!("Code") hint=t!("Six digits") error=error>
            <TextInput value=code autocomplete="one-time-code"/>
        </Field>
    }
}
