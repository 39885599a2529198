//! `peshi user`: members of staff, managed by whoever holds the key file.

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use peshi_casework::AccountId;
use peshi_service::{Clock, NewAccount, PERMISSION_DAYS, Role};
use peshi_vault::readable_secret;

use crate::args::{UserAddArgs, UserCommand};
use crate::clock::{SystemClock, entropy};
use crate::house::House;
use crate::settings::Settings;

pub(crate) async fn run(settings: Settings, command: UserCommand) -> Result<ExitCode> {
    match command {
        UserCommand::Add(args) => add(settings, args).await,
        UserCommand::Renew { email } => {
            let (house, account) = known(settings, &email).await?;
            house.service.renew_permission(account, SystemClock.now()).await?;
            println!("{email} may be written to for {PERMISSION_DAYS} days from now.");
            Ok(ExitCode::SUCCESS)
        }
        UserCommand::Close { email } => {
            let (house, account) = known(settings, &email).await?;
            house.service.close_account(account, SystemClock.now()).await?;
            println!("The account of {email} is closed: no sign-in and no message from now on.");
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The house, and the open account of somebody who signs in with `email`.
async fn known(settings: Settings, email: &str) -> Result<(House, AccountId)> {
    let house = House::open(settings, false).await?;
    let viewer = house
        .service
        .viewer_by_login(email)
        .await
        .with_context(|| format!("there is no open account for {email}"))?;
    Ok((house, viewer.account))
}

async fn add(settings: Settings, args: UserAddArgs) -> Result<ExitCode> {
    let Some(role) = Role::named(&args.role) else {
        let known: Vec<&str> = Role::ALL.iter().map(|r| r.as_str()).collect();
        bail!("`{}` is not a role; use one of {}", args.role, known.join(", "));
    };
    let house = House::open(settings, true).await?;
    let (password, generated) = if args.password_stdin {
        let mut line = String::new();
        std::io::stdin()
            .read_line(&mut line)
            .context("no password came from standard input")?;
        (line.trim_end_matches(['\r', '\n']).to_owned(), false)
    } else {
        let mut source = entropy();
        (readable_secret(&mut *source, 4), true)
    };
    let new = NewAccount {
        name: args.name,
        email: args.email.clone(),
        role,
        language: args.language,
        password: password.clone(),
        may_be_mailed: args.may_be_mailed,
    };
    house.service.create_account(&new, SystemClock.now()).await?;
    println!("Added {} as {}.", args.email, role.as_str());
    if generated {
        println!("Password: {password}  (shown once; hand it over in person)");
    }
    if !args.may_be_mailed {
        println!("No mail will be sent: no permission is recorded (--may-be-mailed records one).");
    }
    Ok(ExitCode::SUCCESS)
}
