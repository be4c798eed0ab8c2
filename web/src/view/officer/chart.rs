//! Charts as SVG. Each has its numbers as text beside it or in a table.

use touroku_html::html;
use touroku_proto::officer::figures::DayFigures;
use yew::prelude::*;

use super::parts::{head, scroll};
use crate::texts::{
    Text,
    officer::{home as texts, screen::count},
};

/// Height of the picture's coordinates.
const HEIGHT: u64 = 240;

/// Width of a day.
const STEP: usize = 10;

/// Colours of the series; besides the legend, each has its own pattern.
const COLOURS: [&str; 4] = ["#0017c1", "#008299", "#c74700", "#6b6b6b"];

/// The days as stacked bars, with a legend and a table.
pub(super) fn days(days: &[DayFigures]) -> Html {
    let values = |day: &DayFigures| [day.registered, day.changed, day.renewed, day.applied].map(u64::from);
    let highest = days.iter().map(|day| values(day).iter().sum()).max().unwrap_or(0);
    let totals = days.iter().map(values).fold([0; 4], |sum, day| std::array::from_fn(|i| sum[i] + day[i]));
    let bars = days.iter().enumerate().flat_map(|(index, day)| {
        let mut top = HEIGHT;
        values(day).into_iter().enumerate().map(move |(series, value)| {
            let height = (value * HEIGHT).checked_div(highest).unwrap_or(0);
            top -= height;
            html! {
                if height > 0 {
                    <rect x={(index * STEP + 1).to_string()} y={top.to_string()} width={(STEP - 2).to_string()}
                        height={height.to_string()} fill={fill(series)} />
                }
            }
        })
    });
    let legend = |(series, name): (usize, &Text)| {
        html! {
            <li>
                <svg viewBox="0 0 20 20" aria-hidden="true"><rect width="20" height="20" fill={fill(series)} /></svg>
                { *name }
            </li>
        }
    };
    let line = |day: &DayFigures| {
        html! {
            <tr>
                <th scope="row">{ &day.day }</th>
                { for values(day).iter().map(|&value| html! { <td class="number">{ count(value) }</td> }) }
            </tr>
        }
    };
    let columns: Vec<Text> = std::iter::once(texts::DAY).chain(texts::SERIES).collect();
    let summary = texts::bars(totals, highest);
    html! {
        <figure class="chart" data-chart="days">
            <figcaption>{ &summary }</figcaption>
            // The table has the numbers for whoever does not see the axes.
            <div class="plot">
                <div class="axis" aria-hidden="true">
                    <span>{ texts::axis(&count(highest)) }</span><span>{ "0" }</span>
                </div>
                <svg viewBox={format!("0 0 {} {HEIGHT}", (days.len() * STEP).max(STEP))} role="img"
                    aria-label={summary.clone()}>
                    <defs>{ for (0..4).map(pattern) }</defs>
                    { for bars }
                </svg>
                <div class="axis days" aria-hidden="true">{ for ends(days) }</div>
            </div>
            <ul class="legend">{ for texts::SERIES.iter().enumerate().map(legend) }</ul>
            <details>
                <summary>{ texts::AS_TABLE }</summary>
                { scroll(&texts::DAYS, html! {
                    <table class="grid">
                        <caption>{ texts::DAYS }</caption>
                        { head(&columns) }
                        <tbody>{ for days.iter().rev().map(line) }</tbody>
                    </table>
                }) }
            </details>
        </figure>
    }
}

/// The first day, the one in the middle and the last.
fn ends(days: &[DayFigures]) -> impl Iterator<Item = Html> {
    let shown = [days.first(), days.get(days.len() / 2), days.last()].into_iter().flatten();
    shown.map(|day| html! { <span>{ texts::date_of(&day.day) }</span> })
}

/// Not by colour alone: each series has its stripes.
fn pattern(series: usize) -> Html {
    let lines = match series {
        0 => "",
        1 => "M0 3H6",
        2 => "M0 6L6 0",
        _ => "M3 0V6M0 3H6",
    };
    html! {
        <pattern id={format!("series-{series}")} width="6" height="6" patternUnits="userSpaceOnUse">
            <rect width="6" height="6" fill={COLOURS[series]} />
            <path d={lines} stroke="#ffffff" stroke-width="1.5" />
        </pattern>
    }
}

fn fill(series: usize) -> String {
    format!("url(#series-{series})")
}

/// Some numbers, each with a bar showing its share of the largest total.
pub(super) fn shares(name: Text, unit: Text, parts: &[(Text, u64)]) -> Html {
    let sum: u64 = parts.iter().map(|(_, value)| value).sum();
    let line = |&(label, value): &(Text, u64)| {
        let width = (value.saturating_mul(100)).checked_div(sum).unwrap_or(0);
        // Non-zero values are visible, however small.
        let width = if value > 0 { width.max(1) } else { 0 };
        html! {
            <div class="share" role="listitem">
                <span>{ label }</span>
                <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
                    <rect width={width.to_string()} height="4" fill={COLOURS[0]} />
                </svg>
                <span class="number">{ count(value) }{ unit }</span>
            </div>
        }
    };
    html! { <div class="chart" role="list" aria-label={name}>{ for parts.iter().map(line) }</div> }
}
