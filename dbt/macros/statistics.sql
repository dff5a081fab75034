{#-
    Tails of distributions and the pieces of tests, in plain SQL, so that an experiment is read
    by the same statement on every engine. tests/dbt_project/test_statistics.py holds them
    against scipy.
-#}

{#-
    Complementary error function. W. H. Press et al., Numerical Recipes (2nd ed. 1992), 6.2,
    erfcc: a Chebyshev fit, relative error below 1.2e-7 everywhere. Beyond 26 exp() would
    underflow.
-#}
{% macro erfc(x) -%}
    (
        select
            case when fit.x >= 0 then fit.tail else 2 - fit.tail end
        from (
            select
                arg.x,
                arg.t * exp(
                    -arg.z * arg.z - 1.26551223 + arg.t * (1.00002368 + arg.t * (0.37409196
                    + arg.t * (0.09678418 + arg.t * (-0.18628806 + arg.t * (0.27886807
                    + arg.t * (-1.13520398 + arg.t * (1.48851587 + arg.t * (-0.82215223
                    + arg.t * 0.17087277))))))))
                ) as tail
            from (
                select
                    raw.x,
                    least(abs(raw.x), 26) as z,
                    1 / (1 + 0.5 * least(abs(raw.x), 26)) as t
                from (select ({{ x }})::double precision as x) as raw
            ) as arg
        ) as fit
    )
{%- endmacro %}

{#- P(Z <= z) of the standard normal distribution. -#}
{% macro normal_cdf(z) -%}
    (0.5 * {{ erfc('-(' ~ z ~ ') / sqrt(2::double precision)') }})
{%- endmacro %}

{#- P(|Z| >= |z|): two-sided p-value of a z statistic. -#}
{% macro normal_two_sided_p(z) -%}
    least(1, {{ erfc('abs(' ~ z ~ ') / sqrt(2::double precision)') }})
{%- endmacro %}

{#-
    P(|T| >= |t|) of Student's t. The statistic is turned into a normal one of nearly the same
    tail: D. L. Wallace, Bounds on normal approximations to Student's and the chi-square
    distributions, Ann. Math. Stat. 30 (1959); error below 0.001 from 8 degrees of freedom on.
-#}
{% macro student_two_sided_p(t, df) -%}
    {{ normal_two_sided_p(
        '(8.0 * (' ~ df ~ ') + 1) / (8.0 * (' ~ df ~ ') + 3) * sqrt((' ~ df ~ ') * ln(1 + ('
        ~ t ~ ')::double precision * (' ~ t ~ ') / (' ~ df ~ ')))'
    ) }}
{%- endmacro %}

{#-
    Quantile of Student's t, here of 97.5% (two-sided 95%): Cornish and Fisher's expansion about
    the normal quantile; M. Abramowitz and I. Stegun (1964), 26.7.5. From 8 degrees on the error
    is below 0.002.
-#}
{% macro student_quantile_975(df) -%}
    (
        1.959963985
        + 2.372271198::double precision / ({{ df }})
        + 2.822501131 / (({{ df }}) * ({{ df }}))
        + 2.555851000 / (({{ df }}) * ({{ df }}) * ({{ df }}))
    )
{%- endmacro %}

{#-
    P(X >= x) of the chi-square distribution; df is a whole number. One degree is the normal
    tail, two an exponential; two more add (x/2)^(k/2) exp(-x/2) / gamma(k/2 + 1);
    M. Abramowitz and I. Stegun (1964), 26.4.8.
-#}
{% macro chi_square_p(x, df) -%}
    {%- set half = '(least((' ~ x ~ ')::double precision, 1300) / 2)' -%}
    (
        {% if df % 2 == 1 -%}
        least(1, {{ erfc('sqrt(' ~ half ~ ')') }})
        {%- else -%}
        exp(-{{ half }})
        {%- endif %}
        {%- set gamma = namespace(value=0.886226925452758 if df % 2 == 1 else 1.0) %}
        {%- for k in range(1 if df % 2 == 1 else 2, df, 2) %}
        {%- if not loop.first %}
        {%- set gamma.value = gamma.value * k / 2 %}
        {%- endif %}
        + power({{ half }}, {{ k / 2 }}) * exp(-{{ half }}) / {{ gamma.value }}
        {%- endfor %}
    )
{%- endmacro %}

{#- Unbiased variance from count, sum and sum of squares; null below two. -#}
{% macro sample_variance(n, total, squares) -%}
    (
        ({{ squares }} - {{ total }}::numeric * {{ total }} / nullif({{ n }}, 0))
        / nullif({{ n }} - 1, 0)
    )
{%- endmacro %}

{#- Unbiased covariance from count, sums and sum of products. -#}
{% macro sample_covariance(n, total_x, total_y, products) -%}
    (
        ({{ products }} - {{ total_x }}::numeric * {{ total_y }} / nullif({{ n }}, 0))
        / nullif({{ n }} - 1, 0)
    )
{%- endmacro %}

{#-
    Mixture likelihood ratio of a difference whose variance is v, against no difference, with
    normal mixing of variance tau_squared over the alternatives: R. Johari, P. Koomen,
    L. Pekelis, D. Walsh, Always valid inference, Operations Research 70 (2022). 1 over its
    largest value so far is a p-value that may be looked at every day.
-#}
{% macro mixture_ratio(difference, v, tau_squared) -%}
    (
        sqrt(({{ v }})::double precision / (({{ v }}) + {{ tau_squared }}))
        * exp(least(
            ({{ tau_squared }} * ({{ difference }}) * ({{ difference }})
            / (2 * ({{ v }}) * (({{ v }}) + {{ tau_squared }})))::double precision,
            600
        ))
    )
{%- endmacro %}
