//! The invented office: who works there and how they sign in.

use chrono::{DateTime, Utc};
use peshi_service::{NewAccount, Role, Service, Viewer};

use crate::error::DemoError;

/// How somebody of the demonstration signs in.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// The role.
    pub role: Role,
    /// The name.
    pub name: String,
    /// The name signed in with.
    pub login: String,
    /// The password, made for this caseload.
    pub password: String,
}

/// The office.
pub(crate) struct Office {
    pub(crate) sign_ins: Vec<SignIn>,
    pub(crate) coordinators: Vec<Viewer>,
    pub(crate) lawyers: Vec<Viewer>,
    pub(crate) paralegals: Vec<Viewer>,
}

/// Login, name, role, language, whether they agreed to be written to.
const PEOPLE: [(&str, &str, Role, &str, bool); 8] = [
    ("administrator", "Admin Invented", Role::Administrator, "en", true),
    (
        "coordinator",
        "Coordinator Invented",
        Role::Coordinator,
        "en",
        true,
    ),
    (
        "coordinator-urdu",
        "Coordinator Urdu Invented",
        Role::Coordinator,
        "ur",
        true,
    ),
    ("lawyer-one", "Lawyer One Invented", Role::Lawyer, "en", true),
    ("lawyer-two", "Lawyer Two Invented", Role::Lawyer, "ur", true),
    // Nobody asked this one: what is meant for them is suppressed, and says so.
    ("lawyer-three", "Lawyer Three Invented", Role::Lawyer, "en", false),
    (
        "paralegal-one",
        "Paralegal One Invented",
        Role::Paralegal,
        "en",
        true,
    ),
    // This one leaves half way.
    (
        "paralegal-two",
        "Paralegal Two Invented",
        Role::Paralegal,
        "ur",
        true,
    ),
];

impl Office {
    /// Hires everybody.
    pub(crate) async fn open(
        service: &Service,
        now: DateTime<Utc>,
        secret: &mut (dyn FnMut() -> String + Send),
    ) -> Result<Self, DemoError> {
        let mut office = Self {
            sign_ins: Vec::new(),
            coordinators: Vec::new(),
            lawyers: Vec::new(),
            paralegals: Vec::new(),
        };
        for (login, name, role, language, may_be_mailed) in PEOPLE {
            let login = format!("{login}@demo.invalid");
            let password = secret();
            let new = NewAccount {
                name: name.to_owned(),
                email: login.clone(),
                role,
                language: language.to_owned(),
                password: password.clone(),
                may_be_mailed,
            };
            service.create_account(&new, now).await?;
            let viewer = service.viewer_by_login(&login).await?;
            match role {
                Role::Coordinator => office.coordinators.push(viewer),
                Role::Lawyer => office.lawyers.push(viewer),
                Role::Paralegal => office.paralegals.push(viewer),
                Role::Administrator | Role::Auditor => {}
            }
            office.sign_ins.push(SignIn {
                role,
                name: name.to_owned(),
                login,
                password,
            });
        }
        Ok(office)
    }

    /// Everybody who agreed to be written to and is still there is asked again, and still agrees.
    pub(crate) async fn ask_again(&self, service: &Service, now: DateTime<Utc>) -> Result<(), DemoError> {
        for (login, _, _, _, may_be_mailed) in PEOPLE {
            let found = service.viewer_by_login(&format!("{login}@demo.invalid")).await;
            if let (Ok(viewer), true) = (found, may_be_mailed) {
                service.renew_permission(viewer.account, now).await?;
            }
        }
        Ok(())
    }
}
