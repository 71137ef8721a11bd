"""`make bench`: what the product costs, measured from outside, over real sockets and HTTP."""
