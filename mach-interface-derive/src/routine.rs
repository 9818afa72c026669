//! Routines.

use syn::spanned::Spanned;
use syn::{Attribute, FnArg, Ident, LitInt, ReturnType, Token, TraitItemFn, Type};

use crate::argument::{Argument, Role};
use crate::{kinds, result};

/// How a routine answers.
#[expect(clippy::large_enum_variant, reason = "there are few of them")]
pub(crate) enum Answer {
    /// With results or an error, when it returns.
    Now { results: Type, error: Type },
    /// Not; what it returns is for callers that give a reply port all the same.
    Simple { returns: ReturnType },
    /// Later, by its argument.
    Later { results: Type, returns: ReturnType },
}

pub(crate) struct Routine {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) answer: Answer,
    /// Ids that are used up before it.
    pub(crate) skipped: usize,
    /// The names of the results.
    pub(crate) outs: Vec<String>,
    /// How long a call may take, in milliseconds, where neither it nor its client says.
    pub(crate) limits: Limits,
}

/// Limits in milliseconds.
#[derive(Default, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) wait: Option<u32>,
    pub(crate) send: Option<u32>,
}

/// What stands in front of a routine.
#[derive(Default)]
struct Front {
    docs: Vec<Attribute>,
    simple: Option<Attribute>,
    skipped: usize,
    outs: Option<(Attribute, Vec<Ident>)>,
    limits: Limits,
}

impl Front {
    fn parse(attributes: Vec<Attribute>) -> syn::Result<Self> {
        let mut front = Self::default();
        for attribute in attributes {
            let name = attribute.path().get_ident().map(Ident::to_string);
            match name.as_deref() {
                Some("doc" | "deprecated" | "cfg" | "allow" | "expect") => {
                    front.docs.push(attribute)
                }
                Some("simple") => front.simple = Some(attribute),
                Some("skip") => {
                    front.skipped += match &attribute.meta {
                        syn::Meta::Path(_) => 1,
                        _ => attribute.parse_args::<LitInt>()?.base10_parse()?,
                    };
                }
                Some("out") => {
                    let names = attribute.parse_args_with(
                        syn::punctuated::Punctuated::<Ident, Token![,]>::parse_terminated,
                    )?;
                    front.outs = Some((attribute, names.into_iter().collect()));
                }
                Some("wait_time") => front.limits.wait = Some(milliseconds(&attribute)?),
                Some("send_time") => front.limits.send = Some(milliseconds(&attribute)?),
                _ => {
                    return Err(syn::Error::new_spanned(
                        attribute,
                        "in front of a routine stand `#[simple]`, `#[skip]`, `#[skip(n)]`, `#[out(names)]`, \
                         `#[wait_time(ms)]`, `#[send_time(ms)]` or documentation",
                    ));
                }
            }
        }
        Ok(front)
    }
}

impl Routine {
    pub(crate) fn parse(item: TraitItemFn) -> syn::Result<Self> {
        let front = Front::parse(item.attrs)?;
        let signature = item.sig;
        if let Some(body) = item.default {
            return Err(syn::Error::new_spanned(
                body,
                "a routine has no body here: write it in the `impl` of the server, and end with `;`",
            ));
        }
        if let Some(asyncness) = signature.asyncness {
            return Err(syn::Error::new(
                asyncness.span(),
                "a routine is no `async fn`: take a `DeferredReply<T>`, return `Deferred`, and reply from a task",
            ));
        }
        if !signature.generics.params.is_empty() {
            return Err(syn::Error::new_spanned(
                &signature.generics,
                "a message holds values of one type: write the types in place of the parameters",
            ));
        }
        let mut inputs = signature.inputs.iter();
        match inputs.next() {
            Some(FnArg::Receiver(receiver)) if is_shared(receiver) => {}
            Some(FnArg::Receiver(receiver)) => {
                return Err(syn::Error::new_spanned(
                    receiver,
                    "requests come from several threads at once: a routine takes `&self`",
                ));
            }
            _ => {
                return Err(syn::Error::new_spanned(
                    &signature.ident,
                    "a routine is called on an object: write `&self` as its first argument",
                ));
            }
        }
        let arguments = inputs
            .map(Argument::parse)
            .collect::<syn::Result<Vec<_>>>()?;
        let answer = answer(&signature, front.simple.as_ref(), &arguments)?;
        let outs = names(&answer, front.outs)?;
        Ok(Self {
            docs: front.docs,
            name: signature.ident,
            arguments,
            answer,
            skipped: front.skipped,
            outs,
            limits: front.limits,
        })
    }

    /// The arguments in the request.
    pub(crate) fn sent(&self) -> impl Iterator<Item = &Argument> {
        self.arguments
            .iter()
            .filter(|argument| matches!(argument.role, Role::Sent))
    }
}

/// The limit that stands in an attribute's brackets.
fn milliseconds(attribute: &Attribute) -> syn::Result<u32> {
    let limit = attribute.parse_args::<LitInt>();
    limit.and_then(|limit| limit.base10_parse()).map_err(|_| {
        syn::Error::new_spanned(
            attribute,
            "a limit is a number of milliseconds: write `#[wait_time(1000)]`",
        )
    })
}

fn is_shared(receiver: &syn::Receiver) -> bool {
    let text = quote::quote!(#receiver).to_string().replace(' ', "");
    text == "&self"
}

fn answer(
    signature: &syn::Signature,
    simple: Option<&Attribute>,
    arguments: &[Argument],
) -> syn::Result<Answer> {
    let mut later = arguments
        .iter()
        .filter_map(|argument| match &argument.role {
            Role::Deferred(results) => Some((argument, results)),
            _ => None,
        });
    let returns_deferred =
        matches!(&signature.output, ReturnType::Type(_, of) if kinds::is_named(of, "Deferred"));
    let first = later.next();
    if let Some((second, _)) = later.next() {
        return Err(syn::Error::new_spanned(&second.of, "a call has one reply"));
    }
    let reply_port = arguments
        .iter()
        .find(|argument| matches!(argument.role, Role::ReplyPort(_)));
    let replier = arguments
        .iter()
        .find(|argument| matches!(argument.role, Role::Replier));
    if let (Some(argument), Some(_)) = (replier, simple) {
        return Err(syn::Error::new_spanned(
            &argument.of,
            "a simple routine has no reply that anybody sends: remove `#[replier]` or `#[simple]`",
        ));
    }
    match (first, simple) {
        (Some((argument, _)), Some(_)) => Err(syn::Error::new_spanned(
            &argument.of,
            "a simple routine has no reply: remove `#[simple]`",
        )),
        (Some((_, results)), None) => {
            if !returns_deferred {
                return Err(syn::Error::new(
                    signature.output.span(),
                    "a routine that takes a `DeferredReply` returns `Deferred`",
                ));
            }
            result::check(results)?;
            Ok(Answer::Later {
                results: (**results).clone(),
                returns: signature.output.clone(),
            })
        }
        (None, _) if returns_deferred => Err(syn::Error::new_spanned(
            &signature.output,
            "to reply later, a routine takes `reply: DeferredReply<T>`, where `T` is its results",
        )),
        (None, Some(_)) => {
            let is_result = match &signature.output {
                ReturnType::Default => true,
                ReturnType::Type(_, of) => kinds::arguments(of, "Result")
                    .is_some_and(|parts| matches!(parts.as_slice(), [Type::Tuple(unit), _] if unit.elems.is_empty())),
            };
            if !is_result {
                return Err(syn::Error::new_spanned(
                    &signature.output,
                    "a simple routine has no results: return nothing or `Result<(), ReturnCode>`, or remove `#[simple]`",
                ));
            }
            Ok(Answer::Simple {
                returns: signature.output.clone(),
            })
        }
        (None, None) => {
            if let Some(argument) = reply_port {
                return Err(syn::Error::new_spanned(
                    &argument.of,
                    "the library has a reply port for each call; one of the caller's own goes with `#[simple]`",
                ));
            }
            let (results, error) = result::results(&signature.output, &signature.ident)?;
            Ok(Answer::Now { results, error })
        }
    }
}

/// A name for each result.
fn names(answer: &Answer, given: Option<(Attribute, Vec<Ident>)>) -> syn::Result<Vec<String>> {
    let count = match answer {
        Answer::Now { results, .. } | Answer::Later { results, .. } => result::list(results).len(),
        Answer::Simple { .. } => 0,
    };
    match given {
        Some((_, names)) if names.len() == count => {
            Ok(names.iter().map(Ident::to_string).collect())
        }
        Some((attribute, names)) => Err(syn::Error::new_spanned(
            attribute,
            format!(
                "{count} results have {count} names, and here are {}",
                names.len()
            ),
        )),
        None if count == 1 => Ok(vec!["result".to_owned()]),
        None => Ok((0..count).map(|index| format!("result{index}")).collect()),
    }
}
