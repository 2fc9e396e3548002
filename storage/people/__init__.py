"""What people say about attempts: their acts, what they are asked next, and audits.

`acts` is what a person did and what was said, `giving` writes it down with the verdict that
follows, `need` and `queue` say what to look at next, `audits` draws attempts for people to judge.
"""
