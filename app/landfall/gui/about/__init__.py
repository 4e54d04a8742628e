"""What program this is, whose work is in it, how old its data are, and is a newer one out?"""
