//! The cards of the editor.

use leptos::prelude::*;
use tyrian_domain::template::Executor;

use super::super::arguments::Arguments;
use super::super::chips::{ChipsField, PLATFORMS};
use super::super::markdown::MarkdownCard;
use super::super::picker::AttackPicker;
use super::super::words::{UnknownIds, executor_options, opsec_options};
use super::form::TestForm;
use super::rules::Rules;
use crate::form::FormErrors;
use crate::ui::{Card, CardBody, Checkbox, Field, Seg, Select, TextArea, TextInput};

/// What the test is and how it is run, on the left; procedure, detection and the rest on the right.
#[component]
pub fn TestFields(
    form: TestForm,
    errors: FormErrors,
    /// ATT&CK ids that an import named and the catalogue lacks
    unknown: Signal<Vec<String>>,
) -> impl IntoView {
    let by_hand = Memo::new(move |_| *form.executor.read() == Executor::Manual.as_str());
    view! {
        <div class="cols cols--2">
            <div class="stack">
                <section class="card" aria-label=t!("The test")>
                    <CardBody>
                        <div class="stack">
                            <Field label=t!("Name") error=errors.field("/name") required=true><TextInput value=form.name/></Field>
                            <Field label=t!("Objective") error=errors.field("/objective")><TextArea value=form.objective rows=2/></Field>
                            <AttackPicker tags=form.mitre_tags error=errors.under("/mitre_tags")/>
                            {move || Some(unknown.get()).filter(|ids| !ids.is_empty()).map(|ids| view! {
                                <div class="row row--wrap">
                                    <UnknownIds ids=ids/>
                                    <span class="small muted">{t!("was imported, and the catalogue does not have it. It becomes a tag when a sync brings it; other tags that you choose take its place.")}</span>
                                </div>
                            })}
                            <div class="cols cols--2 cols--tight">
                                <div class="field">
                                    <span class="field__label">{t!("OPSEC risk")}</span>
                                    <Seg value=form.opsec options=opsec_options() label=t!("OPSEC risk")/>
                                    <span class="field__hint">{t!("How likely it is noticed, or does harm")}</span>
                                </div>
                                <ChipsField label=t!("Platforms") values=form.platforms offer=PLATFORMS placeholder="Windows" error=errors.under("/platforms")/>
                            </div>
                            <ChipsField label=t!("Tags") values=form.tags placeholder=t!("ransomware, quarterly") error=errors.under("/tags")/>
                        </div>
                    </CardBody>
                </section>
                <Card title=t!("Command")>
                    <CardBody>
                        <div class="stack">
                            <div class="cols cols--2 cols--tight">
                                <Field label=t!("Executor") error=errors.field("/executor")><Select value=form.executor options=executor_options()/></Field>
                                <div class="field field--end">
                                    <Checkbox checked=form.elevation on_change=move |on| form.elevation.set(on)>{t!("Needs an administrator’s rights")}</Checkbox>
                                </div>
                            </div>
                            <Field
                                label=t!("Command")
                                hint=Signal::derive(move || Some(if by_hand.get() { t!("By hand: the procedure says what to do. A command is optional.") } else { "#{name} is asked for when the test runs." }.to_owned()))
                                error=errors.field("/command")
                            >
                                <TextArea value=form.command rows=4 code=true/>
                            </Field>
                            <Arguments rows=form.arguments command=form.command errors=errors/>
                            <Field label=t!("Clean-up") hint=t!("What brings the target back to how it was") error=errors.field("/cleanup")>
                                <TextArea value=form.cleanup rows=3 code=true/>
                            </Field>
                        </div>
                    </CardBody>
                </Card>
            </div>
            <div class="stack">
                <MarkdownCard title=t!("Procedure") value=form.procedure rows=10 placeholder=t!("1. Open an elevated shell on the target.\n2. …") error=errors.field("/procedure")/>
                <MarkdownCard title=t!("Prerequisites") value=form.prerequisites rows=4 placeholder=t!("What must be there before") error=errors.field("/prerequisites")/>
                <Card title=t!("Detection")>
                    <CardBody>
                        <div class="stack">
                            <Field label=t!("Expected detection") hint=t!("What blue should see, and where") error=errors.field("/expected_detection")>
                                <TextArea value=form.expected_detection rows=3/>
                            </Field>
                            <Rules form=form errors=errors/>
                        </div>
                    </CardBody>
                </Card>
                <section class="card" aria-label=t!("References")>
                    <CardBody>
                        <Field label=t!("References") hint=t!("One link a line") error=errors.under("/references")>
                            <TextArea value=form.references rows=3/>
                        </Field>
                    </CardBody>
                </section>
            </div>
        </div>
    }
}
